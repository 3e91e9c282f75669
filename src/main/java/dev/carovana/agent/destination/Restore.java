// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.hold.Holder;
import dev.carovana.agent.hold.HolderState;
import dev.carovana.agent.hold.HolderStatus;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The restore of all containers of a pod at once. Goes on from whatever state its holders are in, so that an agent that was
 * started again only has to do it again.
 *
 * @param monitor is held by the caller, and notified whenever a holder changes
 * @param images of a container
 */
record Restore(Object monitor, MigrationHolders holders, Function<String, Images> images, Duration limit) {
    /** Null if every container is restored and stopped, or what is wrong. */
    @Nullable
    String run() {
        Deadline deadline = new Deadline(limit);
        Set<Holder> asked = new HashSet<>();
        Deadline back = new Deadline(MigrationHolders.RECONNECT);
        while (true) {
            for (Holder holder : holders.connected()) {
                HolderStatus status = holder.status();
                if (status.holderState() == HolderState.FAILED) {
                    return "container " + status.container() + ": " + status.error();
                }
                // a holder that connects anew may not have heard it
                if (status.holderState() == HolderState.HELD && asked.add(holder)) {
                    images.apply(status.container()).restore(holder);
                }
            }
            if (holders.all(HolderState.RESTORED)) {
                return null;
            }
            if (!holders.anyAway()) {
                back = new Deadline(MigrationHolders.RECONNECT);
            } else if (back.isOver()) {
                return "a container has gone that was held, or was being restored";
            }
            if (deadline.isOver()) {
                return "not every container was restored within " + limit.toSeconds() + " s";
            }
            (holders.anyAway() ? back : deadline).await(monitor);
        }
    }
}
