// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import dev.carovana.model.FunctionContract;
import dev.carovana.model.VolumeContract;

/** Names of the API group that users and other programs meet: labels, annotations, conditions. */
public final class Carovana {
    public static final String GROUP = "carovana.dev";
    public static final String VERSION = "v1alpha1";

    /** Label on a function: {@code local} or {@code remote}. */
    public static final String STATE_LABEL = FunctionContract.STATE;

    /** Label on an instance's pod: the name of its {@link FunctionInstance}. */
    public static final String INSTANCE_LABEL = "carovana.dev/instance";

    /** Annotation on an instance's pod: which of the pods that the instance has had this one is. */
    public static final String EPOCH_ANNOTATION = "carovana.dev/epoch";

    /** Label on what a copy of a remote-state function consists of, and on its pods: the copy's name. */
    public static final String COPY_LABEL = "carovana.dev/copy";

    /** Annotation on a copy: name of the {@link Site} that it is for. */
    public static final String SITE_ANNOTATION = "carovana.dev/site";

    /** Annotation on an instance's pod and on a copy: the template of its function that it was made from. */
    public static final String TEMPLATE_ANNOTATION = "carovana.dev/template-hash";

    /**
     * Annotation on a destination pod: uid of the {@link Migration} whose images its containers wait for; empty when that is
     * over, and containers start cold.
     */
    public static final String MIGRATION_ANNOTATION = "carovana.dev/migration";

    /** Annotation on a source pod: uid of the {@link Migration} that moves it, empty if it stays. No container starts cold then. */
    public static final String FENCED_BY_ANNOTATION = "carovana.dev/fenced-by";

    /** Annotation on a destination pod: names of its volumes whose content comes from the source, with commas between them. */
    public static final String SENT_VOLUMES_ANNOTATION = VolumeContract.SEND;

    /** Annotation on a {@link Migration} in doubt: an administrator's word, {@code source} or {@code destination}. */
    public static final String DECISION_ANNOTATION = "carovana.dev/decision";

    /** Readiness gate of a destination pod; its agent sets the condition when all containers are restored. */
    public static final String RESTORED_GATE = "carovana.dev/restored";

    /** RuntimeClass and handler whose runtime is {@code carovana-runc}. */
    public static final String RUNTIME_CLASS = "carovana";

    private Carovana() {}
}
