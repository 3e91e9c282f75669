// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.controller.Conditions;
import dev.carovana.controller.PodCache;
import dev.carovana.controller.route.GatewayDrains;
import dev.carovana.kubernetes.PodContainers;
import dev.carovana.link.Agents;
import dev.carovana.link.Agents.Agent;
import dev.carovana.link.Agents.Said;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.Step;
import dev.carovana.model.DestinationStep;
import dev.carovana.model.MigrationObservation;
import dev.carovana.model.MigrationObservation.Decision;
import dev.carovana.model.MigrationObservation.PodState;
import dev.carovana.model.Reason;
import dev.carovana.model.SourceStep;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Looks at everything that a migration's next step depends on. */
@ApplicationScoped
class MigrationObserver {
    private static final Set<String> HOPELESS = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "InvalidImageName",
            "ErrImageNeverPull",
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError",
            "CrashLoopBackOff");

    private final PodCache pods;
    private final Agents agents;
    private final GatewayDrains drains;
    private final DestinationPods destinationPods;
    private final UnfitNodes unfit;

    MigrationObserver(
            PodCache pods, Agents agents, GatewayDrains drains, DestinationPods destinationPods, UnfitNodes unfit) {
        this.pods = pods;
        this.agents = agents;
        this.drains = drains;
        this.destinationPods = destinationPods;
        this.unfit = unfit;
    }

    MigrationObservation observe(Migration migration) {
        MigrationStatus status = MigrationStatuses.of(migration);
        String uid = migration.getMetadata().getUid();
        List<Reason> preflight = preflight(status);
        // made when nothing speaks against the move
        Pod destinationPod = preflight != null && preflight.isEmpty() ? pod(migration, status.destinationPod()) : null;
        Pod sourcePod = pod(migration, status.sourcePod());
        Optional<Said> source = agents.said(uid, Side.SOURCE);
        Optional<Said> destination = agents.said(uid, Side.DESTINATION);
        Reason broken = destinationPod == null
                ? destinationPods.refusal(uid)
                : Optional.ofNullable(problem(destinationPod))
                        .or(() -> misplaced(migration, source, destination))
                        .orElse(null);
        return new MigrationObservation(
                migration.isMarkedForDeletion(),
                preflight,
                broken != null ? PodState.BROKEN : destinationPod == null ? PodState.ABSENT : PodState.COMING,
                broken,
                status.sourcePod() != null && sourcePod == null,
                drains.undrained(uid),
                source.map(this::sourceStep).orElse(SourceStep.NONE),
                source.map(MigrationObserver::reason).orElse(null),
                destination.map(said -> destinationStep(uid, said)).orElse(DestinationStep.NONE),
                destination.map(MigrationObserver::reason).orElse(null),
                decision(migration));
    }

    Measurements measure(Migration migration) {
        String uid = migration.getMetadata().getUid();
        return Measurements.of(agents.said(uid, Side.SOURCE), agents.said(uid, Side.DESTINATION));
    }

    private @Nullable Pod pod(Migration migration, @Nullable String name) {
        return name == null
                ? null
                : pods.find(
                        migration.getMetadata().getUid(),
                        migration.getMetadata().getNamespace(),
                        name);
    }

    private static @Nullable List<Reason> preflight(MigrationStatus status) {
        Condition condition = Conditions.find(status.conditions(), "Preflight");
        if (condition == null) {
            return null;
        }
        return condition.getStatus().equals("True")
                ? List.of()
                : List.of(new Reason(condition.getReason(), condition.getMessage()));
    }

    /** Preflight asks for one node of the site that fits; the site's scheduler may have chosen another. */
    private Optional<Reason> misplaced(Migration migration, Optional<Said> source, Optional<Said> destination) {
        Optional<Agent> from = source.flatMap(said -> agents.find(said.site(), said.node()));
        Optional<Agent> to = destination.flatMap(said -> agents.find(said.site(), said.node()));
        if (from.isEmpty() || to.isEmpty()) {
            return Optional.empty();
        }
        List<Reason> against = new ArrayList<>(SiteRules.check(from.get(), to.get(), 0, 0));
        against.addAll(unfit.at(
                migration.getMetadata().getNamespace(),
                migration.getSpec().instance(),
                to.get().site(),
                to.get().node()));
        return against.isEmpty()
                ? Optional.empty()
                : Optional.of(new Reason(
                        "DestinationNode",
                        "the destination pod came to a node where the instance cannot go on: "
                                + against.stream()
                                        .map(Reason::message)
                                        .distinct()
                                        .collect(Collectors.joining("; "))));
    }

    /** Why a pod will never run; null while it may. */
    static @Nullable Reason problem(Pod pod) {
        if (pod.getStatus() == null) {
            return null;
        }
        for (ContainerStatus status : PodContainers.allStatuses(pod.getStatus()).toList()) {
            ContainerStateWaiting waiting =
                    status.getState() == null ? null : status.getState().getWaiting();
            if (waiting != null && HOPELESS.contains(waiting.getReason())) {
                String code = waiting.getReason().contains("Image") ? "ImagePull" : "DestinationPod";
                return new Reason(
                        code,
                        "container " + status.getName() + " of pod "
                                + pod.getMetadata().getName() + ": " + waiting.getReason() + ": "
                                + Objects.requireNonNullElse(waiting.getMessage(), ""));
            }
        }
        return "Failed".equals(pod.getStatus().getPhase())
                ? new Reason(
                        "DestinationPod",
                        "pod " + pod.getMetadata().getName() + " failed: "
                                + pod.getStatus().getReason())
                : null;
    }

    /** Who is away may have given up meanwhile: before the freeze it may, and nobody has to wait for its word. */
    private SourceStep sourceStep(Said said) {
        SourceStep step = sourceStep(said.report().getStep());
        return step.beforeFreeze() && agents.find(said.site(), said.node()).isEmpty() ? SourceStep.NONE : step;
    }

    private static SourceStep sourceStep(Step step) {
        return switch (step) {
            case PRECOPYING -> SourceStep.PRECOPYING;
            case PRECOPIED -> SourceStep.PRECOPIED;
            case FREEZING -> SourceStep.FREEZING;
            case FROZEN -> SourceStep.FROZEN;
            case DUMPED -> SourceStep.DUMPED;
            case END_SENT -> SourceStep.END_SENT;
            case RELEASED -> SourceStep.RELEASED;
            case THAWED -> SourceStep.THAWED;
            case IN_DOUBT -> SourceStep.IN_DOUBT;
            case LOST -> SourceStep.LOST;
            default -> SourceStep.NONE;
        };
    }

    /** While nobody has the pod, it may come to a node whose agent was away when the others were told. */
    private DestinationStep destinationStep(String uid, Said said) {
        DestinationStep step = destinationStep(said.report().getStep());
        return step == DestinationStep.EXPECTING
                        && !agents.unaware(said.site(), uid).isEmpty()
                ? DestinationStep.NONE
                : step;
    }

    private static DestinationStep destinationStep(Step step) {
        return switch (step) {
            case EXPECTING -> DestinationStep.EXPECTING;
            case HELD -> DestinationStep.HELD;
            case RECEIVING -> DestinationStep.RECEIVING;
            case RECEIVED -> DestinationStep.RECEIVED;
            case RESTORING -> DestinationStep.RESTORING;
            case RESTORED -> DestinationStep.RESTORED;
            case NEVER_RESUMED -> DestinationStep.NEVER_RESUMED;
            case CLEANED -> DestinationStep.CLEANED;
            default -> DestinationStep.NONE;
        };
    }

    private static @Nullable Reason reason(Said said) {
        return said.report().getReason().isEmpty()
                ? null
                : new Reason(
                        said.report().getReason(),
                        "site " + said.site() + ", node " + said.node() + ": "
                                + said.report().getMessage());
    }

    private static @Nullable Decision decision(Migration migration) {
        String word = Objects.requireNonNullElse(migration.getMetadata().getAnnotations(), Map.<String, String>of())
                .getOrDefault(Carovana.DECISION_ANNOTATION, "");
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "source" -> Decision.SOURCE;
            case "destination" -> Decision.DESTINATION;
            default -> null;
        };
    }
}
