// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.Conditions;
import dev.carovana.controller.function.Function;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.FunctionContract.OnFailure;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Pod;
import jakarta.enterprise.context.ApplicationScoped;
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
            "InstanceBusy",
            "WishChanged");

    /** What has failed on the way is tried once more before the state is given up. */
    private static final int TRIES = 2;

    private final MigrationRequests migrations;
    private final SiteAdmission admission;

    FreshStarts(MigrationRequests migrations, SiteAdmission admission) {
        this.migrations = migrations;
        this.admission = admission;
    }

    /** Why the instance's pod is to end, if it is: the next one starts where the instance is wanted. */
    Optional<Reason> due(FunctionInstance instance, Pod pod, Function function) {
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
