// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.controller.Conditions;
import dev.carovana.kubernetes.PodContainers;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The changes that an instance's status goes through. Pure: from one status to the next. */
public final class InstanceChanges {
    static final String ROUTABLE = "Routable";
    /** Reason of that condition: nobody is to call the pod any more. */
    static final String ENDING = "Ending";

    private InstanceChanges() {}

    /** A new pod is going to be made at a site. */
    static FunctionInstanceStatus begun(
            FunctionInstanceStatus s,
            String site,
            String pod,
            long epoch,
            boolean stateLost,
            Long generation,
            Instant now) {
        List<Condition> conditions =
                Conditions.with(s.conditions(), "Ready", false, "Starting", "the pod is coming up", generation, now);
        conditions = Conditions.with(conditions, ROUTABLE, false, "Starting", "no address yet", generation, now);
        if (stateLost) {
            conditions = Conditions.with(
                    conditions, "StateLost", true, "PodLost", "the pod before this one was lost", generation, now);
        }
        return new FunctionInstanceStatus(
                generation,
                Phase.Starting,
                site,
                null,
                pod,
                null,
                epoch,
                null,
                null,
                null,
                s.migration(),
                s.lastMigration(),
                conditions);
    }

    /** The instance cannot start; it will be tried again at the site that is wanted then. */
    static FunctionInstanceStatus refused(
            FunctionInstanceStatus s, String site, Reason reason, Long generation, Instant now) {
        if (s.copy() != null && s.address() != null) {
            return ServedChanges.refused(s, reason, generation, now);
        }
        return new FunctionInstanceStatus(
                generation,
                Phase.Pending,
                site,
                s.node(),
                s.podName(),
                s.podUid(),
                s.epoch(),
                s.copy(),
                s.address(),
                s.siteAddress(),
                s.migration(),
                s.lastMigration(),
                Conditions.with(s.conditions(), "Ready", false, reason.code(), reason.message(), generation, now));
    }

    /**
     * What the pod shows. While a migration is active the source pod stays the instance's.
     *
     * @param told where the pod is at its own site: null if the site's agents do not say, empty if they have yet to say
     */
    public static FunctionInstanceStatus followed(
            FunctionInstanceStatus s, Pod pod, @Nullable String told, Long generation, Instant now) {
        if (!pod.getMetadata().getName().equals(s.podName())) {
            return s; // meanwhile another pod has become the instance's
        }
        boolean ready = pod.getStatus().getConditions().stream()
                .anyMatch(c ->
                        c.getType().equals("ContainersReady") && c.getStatus().equals("True"));
        boolean ends = pod.isMarkedForDeletion() && s.migration() == null;
        String address = ends ? null : pod.getStatus().getPodIP();
        String siteAddress = ends ? null : siteAddress(s, pod, told);
        // what the hub sees may be a stranger's address at the site
        String where = siteAddress == null && told == null ? address : siteAddress;
        List<Condition> conditions = Conditions.with(
                s.conditions(), "Ready", ready, ready ? "PodReady" : "PodNotReady", describe(pod), generation, now);
        if (ends) {
            conditions = Conditions.with(conditions, ROUTABLE, false, ENDING, "the pod ends", generation, now);
        } else if (where == null) {
            conditions = Conditions.with(
                    conditions, ROUTABLE, false, "NoAddress", "the pod has no address yet", generation, now);
        } else {
            conditions =
                    Conditions.with(conditions, ROUTABLE, true, "Address", "calls go to " + where, generation, now);
        }
        int restarts = PodContainers.statuses(pod).stream()
                .mapToInt(ContainerStatus::getRestartCount)
                .sum();
        if (restarts > 0) {
            String what = "containers of " + pod.getMetadata().getName() + " were restarted " + restarts
                    + " times and started cold";
            conditions = Conditions.with(conditions, "StateLost", true, "ContainerRestarted", what, generation, now);
        }
        return new FunctionInstanceStatus(
                generation,
                phase(s, pod, ready),
                s.site(),
                pod.getSpec().getNodeName(),
                s.podName(),
                pod.getMetadata().getUid(),
                s.epoch(),
                s.copy(),
                address,
                siteAddress,
                s.migration(),
                s.lastMigration(),
                conditions);
    }

    /** An agent that is away, or has just come back, may not say what it said before. */
    private static @Nullable String siteAddress(FunctionInstanceStatus s, Pod pod, @Nullable String told) {
        if (told != null && !told.isEmpty()) {
            return told;
        }
        return pod.getMetadata().getUid().equals(s.podUid()) ? s.siteAddress() : null;
    }

    /** The pod is going to end: it gets no further calls, as Kubernetes does with pods that end. */
    static FunctionInstanceStatus ending(FunctionInstanceStatus s, Instant now) {
        return new FunctionInstanceStatus(
                s.observedGeneration(),
                s.phase(),
                s.site(),
                s.node(),
                s.podName(),
                s.podUid(),
                s.epoch(),
                s.copy(),
                null,
                null,
                s.migration(),
                s.lastMigration(),
                Conditions.with(
                        s.conditions(),
                        ROUTABLE,
                        false,
                        ENDING,
                        "the pod is going to end",
                        s.observedGeneration(),
                        now));
    }

    /** Since when nobody has been to call the pod, as it is going to end; empty if it is not. */
    static Optional<Instant> endingSince(FunctionInstanceStatus s) {
        return Optional.ofNullable(Conditions.find(s.conditions(), ROUTABLE))
                .filter(routable -> routable.getReason().equals(ENDING))
                .map(routable -> Instant.parse(routable.getLastTransitionTime()));
    }

    /** Whether the pod was started from the template that the function has now. */
    public static FunctionInstanceStatus compared(
            FunctionInstanceStatus s, boolean upToDate, Long generation, Instant now) {
        List<Condition> conditions = upToDate
                ? Conditions.with(s.conditions(), "UpToDate", true, "Template", "", generation, now)
                : Conditions.with(
                        s.conditions(),
                        "UpToDate",
                        false,
                        "TemplateChanged",
                        "the function's template has changed; the instance keeps its own until it is next started, or"
                                + " until annotation " + FunctionContract.RESTARTED_AT + " of the function changes",
                        generation,
                        now);
        return new FunctionInstanceStatus(
                s.observedGeneration(),
                s.phase(),
                s.site(),
                s.node(),
                s.podName(),
                s.podUid(),
                s.epoch(),
                s.copy(),
                s.address(),
                s.siteAddress(),
                s.migration(),
                s.lastMigration(),
                conditions);
    }

    /** An instance that ran does not start again because one probe failed. */
    private static Phase phase(FunctionInstanceStatus s, Pod pod, boolean ready) {
        if (s.migration() != null) {
            return Phase.Migrating;
        }
        boolean ran = (s.phase() == Phase.Running || s.phase() == Phase.Migrating)
                && pod.getMetadata().getUid().equals(s.podUid());
        return ready || ran ? Phase.Running : Phase.Starting;
    }

    private static String describe(Pod pod) {
        return "pod " + pod.getMetadata().getName() + " is " + pod.getStatus().getPhase() + " on "
                + Objects.requireNonNullElse(pod.getSpec().getNodeName(), "no node yet");
    }

    /** A migration takes the instance, which no other has. */
    public static FunctionInstanceStatus locked(FunctionInstanceStatus s, String migration, Instant now) {
        return new FunctionInstanceStatus(
                s.observedGeneration(),
                Phase.Migrating,
                s.site(),
                s.node(),
                s.podName(),
                s.podUid(),
                s.epoch(),
                s.copy(),
                s.address(),
                s.siteAddress(),
                migration,
                s.lastMigration(),
                Conditions.with(
                        s.conditions(), "Migrating", true, "MigrationActive", migration, s.observedGeneration(), now));
    }

    /** The migration is over and the instance is where it was. */
    public static FunctionInstanceStatus unlocked(FunctionInstanceStatus s, Instant now) {
        return new FunctionInstanceStatus(
                s.observedGeneration(),
                s.phase() == Phase.Migrating ? Phase.Running : s.phase(),
                s.site(),
                s.node(),
                s.podName(),
                s.podUid(),
                s.epoch(),
                s.copy(),
                s.address(),
                s.siteAddress(),
                null,
                s.migration() == null ? s.lastMigration() : s.migration(),
                Conditions.with(s.conditions(), "Migrating", false, "NoMigration", "", s.observedGeneration(), now));
    }

    /**
     * The route fact: from now on the destination pod is the instance. One change, so that no reader sees half of it.
     *
     * @param pod null if it was lost right after its restore: then the instance says so and starts cold
     * @param told where the pod is at its own site, null or empty if that is not known
     */
    public static FunctionInstanceStatus moved(
            FunctionInstanceStatus s,
            String site,
            String podName,
            @Nullable Pod pod,
            @Nullable String told,
            long epoch,
            Instant now) {
        FunctionInstanceStatus free = unlocked(s, now);
        return new FunctionInstanceStatus(
                free.observedGeneration(),
                Phase.Running,
                site,
                pod == null ? null : pod.getSpec().getNodeName(),
                podName,
                // never null: a pod that is missing was lost, and is not one that was not made yet
                pod == null ? free.podUid() : pod.getMetadata().getUid(),
                epoch,
                null,
                pod == null ? null : pod.getStatus().getPodIP(),
                pod == null || told == null || told.isEmpty() ? null : told,
                null,
                free.lastMigration(),
                free.conditions());
    }
}
