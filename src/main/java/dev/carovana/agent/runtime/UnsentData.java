// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * What is still to be sent over connections within a pod whose sender has closed its end. No process has that end any more, so
 * that no dump has it, and who reads the other end would lose it.
 *
 * @param process in /proc, of any process of the pod
 */
public record UnsentData(Path process) {
    private static final Duration POLL = Duration.ofMillis(1);
    private static final Set<Integer> CLOSED = Set.of(InetEntry.FIN_WAIT1, InetEntry.LAST_ACK, InetEntry.CLOSING);

    /** What there is of it after the limit. */
    public Optional<String> after(Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        Optional<String> found = find();
        while (found.isPresent() && System.nanoTime() < end) {
            LockSupport.parkNanos(POLL.toNanos());
            found = find();
        }
        return found;
    }

    private Optional<String> find() throws IOException {
        return InetEntry.of(process, "tcp", "tcp6").stream()
                .filter(e -> e.inode() == 0 && CLOSED.contains(e.state()) && e.unsent() > 0 && e.isWithin())
                .findFirst()
                .map(
                        e -> "a connection within the pod, at " + e.name() + ", was closed with " + e.unsent()
                                + " bytes that its other end has not taken, which no dump has; expected that it reads them first");
    }
}
