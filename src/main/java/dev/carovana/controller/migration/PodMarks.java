// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells carovana-runc by annotations what it is to do with containers that are created anew in a pod of a move. What a node
 * remembers of it is lost when it is restarted, and when the pod is made anew; these are not. See docs/adr/0036.
 */
@ApplicationScoped
class PodMarks {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client;
    /** Migrations whose source pod has its mark, by uid. */
    private final Set<String> fenced = ConcurrentHashMap.newKeySet();

    PodMarks(KubernetesClient client) {
        this.client = client;
    }

    /** From before the freeze on no container of the source pod starts cold. */
    void fence(Migration migration, MigrationStatus status) {
        String uid = migration.getMetadata().getUid();
        if (!fenced.contains(uid)) {
            mark(migration, status.sourcePod(), Carovana.FENCED_BY_ANNOTATION, uid);
            fenced.add(uid);
        }
    }

    /** The source pod stays the instance's: what ends in it starts again. */
    void unfence(Migration migration, MigrationStatus status) {
        mark(migration, status.sourcePod(), Carovana.FENCED_BY_ANNOTATION, "");
    }

    /** The destination pod is as any other: what ends in it starts cold. */
    void settle(Migration migration, MigrationStatus status) {
        mark(migration, status.destinationPod(), Carovana.MIGRATION_ANNOTATION, "");
    }

    void forget(String uid) {
        fenced.remove(uid);
    }

    /** Empty, not removed: of an annotation that the hub removes Liqo's copy at the site may stay. */
    private void mark(Migration migration, @Nullable String pod, String annotation, String value) {
        try {
            client.pods()
                    .inNamespace(migration.getMetadata().getNamespace())
                    .withName(pod)
                    .patch(
                            MERGE,
                            client.getKubernetesSerialization()
                                    .asJson(Map.of("metadata", Map.of("annotations", Map.of(annotation, value)))));
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404) {
                throw e;
            }
        }
    }
}
