// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The freezer of one container. {@code runc pause} does the same with a process start of 20 ms: this writes the same
 * file. Where runc asks whether a container is paused it reads that file too.
 *
 * @param group the container's cgroup as the agent sees it
 */
public record Freezer(Path group, boolean unified) {
    private static final Duration POLL = Duration.ofNanos(200_000);

    /** A container that does not freeze or thaw within the time. */
    static final class FreezerException extends IOException {
        private static final long serialVersionUID = 1;

        FreezerException(String message) {
            super(message);
        }
    }

    /** Asks for the freeze without waiting for it, so that several containers freeze together. */
    public void requestFreeze() throws IOException {
        Files.writeString(control(), unified ? "1" : "FROZEN");
    }

    /** Waits until nothing of the container executes. A process in uninterruptible sleep can take forever. */
    public void awaitFrozen(Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        while (!isFrozen()) {
            if (System.nanoTime() > end) {
                throw new FreezerException("not frozen within " + limit.toMillis() + " ms: " + group);
            }
            LockSupport.parkNanos(POLL.toNanos());
            if (!unified) {
                requestFreeze(); // version 1 does not retry by itself
            }
        }
    }

    public boolean isFrozen() throws IOException {
        return unified
                ? Files.readString(group.resolve("cgroup.events")).contains("frozen 1")
                : Files.readString(control()).strip().equals("FROZEN");
    }

    /** Lets the container run. Harmless if it does. A container that is gone stays gone. */
    public void thaw() throws IOException {
        try {
            Files.writeString(control(), unified ? "0" : "THAWED");
        } catch (NoSuchFileException e) {
            throw new FreezerException("the container is gone: " + group);
        }
    }

    /** Ends every process, frozen or not: none of them executes another instruction of its own. */
    public void kill() throws IOException {
        while (killAll()) {
            thaw(); // a frozen process does not notice that it was killed
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    private boolean killAll() throws IOException {
        List<Long> pids = pids();
        pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        return !pids.isEmpty();
    }

    /** The container's processes, as the node counts. */
    public List<Long> pids() throws IOException {
        List<Long> pids = new ArrayList<>();
        if (!Files.exists(group)) {
            return pids;
        }
        try (Stream<Path> groups = Files.walk(group)) {
            for (Path file : groups.filter(f -> f.endsWith("cgroup.procs")).toList()) {
                for (String line : Files.readAllLines(file)) {
                    pids.add(Long.valueOf(line));
                }
            }
        }
        return pids;
    }

    private Path control() {
        return group.resolve(unified ? "cgroup.freeze" : "freezer.state");
    }
}
