// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.Conditions;
import dev.carovana.controller.Events;
import dev.carovana.controller.function.Function;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.FunctionContract.OnFailure;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** When a running instance starts anew, and its state is lost: because its function's developer wants it so. */
@ApplicationScoped
class FreshStarts {
    /** Ends of a move that say nothing of the next one: the site took nobody then, or calls were under way. */
    private static final Set<String> PASSING = Set.of(
            "PreflightSiteNotFound",
            "PreflightSiteNotAllowed",
            "PreflightSiteCordoned",
            "PreflightSiteLimit",
            "PreflightAgentAbsent",
            "PreflightAgentRefused",
            "PreflightAgentSilent",
            "PreflightSourceAgent",
            "PreflightNotRunning",
            "PreflightContainerNotRunning",
            "DrainTimeout",
            "SourceAgentAway",
            "InstanceBusy",
            "WishChanged");

    /** What has failed on the way is tried once more before the state is given up. */
    private static final int TRIES = 2;

    /** Calls that are under way can end meanwhile. A condition's time is in whole seconds: of these one may be missing. */
    private static final Duration CALLS = Duration.ofSeconds(2);

    /** Its end wakes us before. */
    private static final Duration GONE = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final InstanceStatuses statuses;
    private final MigrationRequests migrations;
    private final SiteAdmission admission;
    private final Events events;
    private final Clock clock = Clock.systemUTC();

    FreshStarts(
            KubernetesClient client,
            InstanceStatuses statuses,
            MigrationRequests migrations,
            SiteAdmission admission,
            Events events) {
        this.client = client;
        this.statuses = statuses;
        this.migrations = migrations;
        this.admission = admission;
        this.events = events;
    }

    /**
     * Ends the pod of an instance that is to start anew: calls first, then the pod itself. The next one starts where the
     * instance is wanted, when this one is gone: never two at once.
     *
     * @return when to look again; empty if the instance runs on
     */
    Optional<Duration> end(FunctionInstance instance, Pod pod, Function function) {
        Optional<Reason> why = due(instance, pod, function);
        if (why.isEmpty()) {
            return Optional.empty();
        }
        Optional<Instant> ending = InstanceChanges.endingSince(InstanceStatuses.of(instance));
        Instant now = clock.instant();
        if (ending.isEmpty()) {
            String ends = ": pod " + pod.getMetadata().getName() + " ends, and its state with it";
            events.tell(instance, new Reason(why.get().code(), why.get().message() + ends));
            statuses.update(instance, s -> InstanceChanges.ending(s, now));
            return Optional.of(CALLS);
        }
        Duration left = Duration.between(now, ending.get().plus(CALLS));
        if (left.isPositive()) {
            return Optional.of(left);
        }
        client.resource(pod).delete();
        return Optional.of(GONE);
    }

    private Optional<Reason> due(FunctionInstance instance, Pod pod, Function function) {
        if (pod.isMarkedForDeletion()) {
            return Optional.empty();
        }
        if (InstanceFunctions.isToRestart(pod, function)) {
            return Optional.of(new Reason(
                    "Restart", "annotation " + FunctionContract.RESTARTED_AT + " of the function has changed"));
        }
        return function.contract().onFailure() == OnFailure.COLD_START && MigrationRequests.isWantedElsewhere(instance)
                ? coldStart(instance)
                : Optional.empty();
    }

    private Optional<Reason> coldStart(FunctionInstance instance) {
        return inVain(instance, migrations.seen(instance))
                .filter(last -> takesIt(instance))
                .map(last -> new Reason(
                        "ColdStart",
                        "migration " + last.getMetadata().getName() + " to "
                                + instance.getSpec().site() + " has ended with " + reason(last) + ", annotation "
                                + FunctionContract.ON_FAILURE + " of the function is '" + OnFailure.COLD_START.text()
                                + "'"));
    }

    /**
     * The last move that was tried, if it is in vain to try again: preflight has refused it, or it was not the first to
     * fail. Pure.
     */
    static Optional<Migration> inVain(FunctionInstance instance, List<Migration> migrations) {
        List<Migration> failed = MigrationRequests.failed(instance, migrations);
        if (failed.isEmpty() || isPassing(failed.getLast())) {
            return Optional.empty();
        }
        boolean refused = reason(failed.getLast()).startsWith("Preflight");
        return refused || failed.stream().filter(m -> !isPassing(m)).count() >= TRIES
                ? Optional.of(failed.getLast())
                : Optional.empty();
    }

    /** Its state is not given up for a site where it cannot start. */
    private boolean takesIt(FunctionInstance instance) {
        return admission.check(instance, true) instanceof SiteAdmission.Result.Open(var site)
                && site.getStatus() != null
                && Conditions.isTrue(site.getStatus().conditions(), "Ready");
    }

    private static boolean isPassing(Migration migration) {
        return PASSING.contains(reason(migration));
    }

    private static String reason(Migration migration) {
        return Objects.requireNonNullElse(migration.getStatus().reason(), "");
    }
}
