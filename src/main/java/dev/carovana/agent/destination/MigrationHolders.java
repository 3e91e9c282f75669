// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.hold.Holder;
import dev.carovana.agent.hold.HolderState;
import dev.carovana.agent.hold.HolderStatus;
import dev.carovana.agent.journal.PodKey;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The holders of one migration's pod.
 *
 * @param all every holder that says it is of this migration
 * @param pod the only pod that may be: an annotation alone must not get another user's memory
 */
record MigrationHolders(Supplier<Collection<Holder>> all, PodKey pod, List<String> containers) {
    /** How long a holder may take to connect again. It tries every second. */
    static final Duration RECONNECT = Duration.ofSeconds(5);

    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    List<Holder> connected() {
        return all.get().stream().filter(h -> isOf(h.status())).toList();
    }

    private boolean isOf(HolderStatus status) {
        return status.podNamespace().equals(pod.namespace())
                && status.podName().equals(pod.name())
                && containers.contains(status.container());
    }

    HolderStatus any() {
        return connected().getFirst().status();
    }

    /** Empty if none is connected. */
    String podUid() {
        return connected().stream().findFirst().map(h -> h.status().podUid()).orElse("");
    }

    Optional<Holder> of(String container) {
        return connected().stream()
                .filter(h -> h.status().container().equals(container))
                .findFirst();
    }

    /** Whether what was held is not any more: nothing can be restored into it. */
    boolean anyLost() {
        return containers.stream()
                .anyMatch(name -> of(name).filter(h -> h.status().holderState() != HolderState.FAILED)
                        .isEmpty());
    }

    /** Whether a holder is not connected. */
    boolean anyAway() {
        return containers.stream().anyMatch(name -> of(name).isEmpty());
    }

    /** Whether every container of the migration has a holder in this state. */
    boolean all(HolderState wanted) {
        return containers.stream()
                .allMatch(name ->
                        of(name).filter(h -> h.status().holderState() == wanted).isPresent());
    }

    void resume() {
        connected().stream()
                .filter(h -> h.status().holderState() == HolderState.RESTORED)
                .forEach(Holder::resume);
    }

    /**
     * Waits until every container runs, however long: a stopped one has not moved. One that ends at once, or is killed, takes
     * its holder along: for a holder that is away only as long as it may take to come back.
     *
     * @param again is done before holders are asked once more
     */
    void awaitResumed(Object monitor, Runnable again) {
        Deadline back = new Deadline(RECONNECT);
        Deadline pause = new Deadline(ASK_AGAIN);
        while (connected().stream().anyMatch(MigrationHolders::isStopped) || (anyAway() && !back.isOver())) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            if (!pause.await(monitor)) {
                again.run();
                resume();
                pause = new Deadline(ASK_AGAIN);
            }
        }
    }

    /** Kubelet starts one that has failed again, cold. */
    private static boolean isStopped(Holder holder) {
        HolderState state = holder.status().holderState();
        return state != HolderState.RESUMED && state != HolderState.FAILED;
    }

    /** Asks every holder that has not confirmed it to drop what it has. */
    void discard() {
        connected().stream()
                .filter(h -> h.status().holderState() != HolderState.FAILED)
                .forEach(Holder::discard);
    }

    /** Waits until every holder that is there has dropped what it had. */
    void awaitDiscarded(Object monitor, Duration limit) {
        Deadline end = new Deadline(limit);
        discard();
        while (!connected().stream().allMatch(h -> h.status().holderState() == HolderState.FAILED)
                && end.await(monitor)) {
            discard();
        }
    }
}
