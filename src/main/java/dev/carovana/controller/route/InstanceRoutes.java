// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.controller.Move;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.model.MigrationPhase;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where the calls of an instance go. Pure. */
final class InstanceRoutes {
    private InstanceRoutes() {}

    /**
     * @param last the last migration that has taken the instance
     * @param word what agents say of it
     * @param address of a migration's destination pod, empty if it is not known
     * @param told what the agents of its site say of the address of the pod in the instance's status: null if they do not
     *     say it, empty if they have yet to say
     */
    static InstanceRoute of(
            FunctionInstance instance,
            Optional<Move> last,
            Function<Move, Word> word,
            Function<Move, String> address,
            @Nullable String told) {
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        InstanceRoute.Builder route = InstanceRoute.newBuilder()
                .setNamespace(instance.getMetadata().getNamespace())
                .setInstance(instance.getMetadata().getName())
                .setFunction(instance.getSpec().function().name())
                .setUser(instance.getSpec().user())
                .setSite(Objects.requireNonNullElse(
                        status.site(), instance.getSpec().site()))
                .setEpoch(Objects.requireNonNullElse(status.epoch(), 0L))
                .setHost(host(instance, status, told));
        // one that has been switched to, or was given up, has nothing to say any more
        last.filter(move -> move.epoch() > route.getEpoch()).ifPresent(move -> {
            boolean runs =
                    move.holds() && word.apply(move) == Word.RESTORED || move.phase() == MigrationPhase.Succeeded;
            if (runs) {
                route.setSite(move.to()).setEpoch(move.epoch()).setHost(address.apply(move));
            } else if (move.holds() && word.apply(move) == Word.NONE) {
                route.setHold(move.uid());
            } else if (move.phase() == MigrationPhase.Failed) {
                route.setHost(""); // both ends have lost it: the next pod starts cold
            }
        });
        return route.build();
    }

    /**
     * Only the gateways of the pod's own site call it, others by way of those: its address there counts, and not the one that
     * the hub sees, which may be a stranger's there. An instance that ran is called even when a probe fails; one that starts
     * is not called before it is ready.
     */
    private static String host(FunctionInstance instance, FunctionInstanceStatus status, @Nullable String told) {
        boolean callable = !instance.isMarkedForDeletion()
                && (status.address() != null || status.siteAddress() != null)
                && (status.phase() == Phase.Running || status.phase() == Phase.Migrating);
        if (!callable) {
            return "";
        }
        if (told != null && !told.isEmpty()) {
            return told;
        }
        if (status.siteAddress() != null) {
            return status.siteAddress(); // its agent is away, or has just come back
        }
        return told == null ? Objects.requireNonNull(status.address()) : "";
    }
}
