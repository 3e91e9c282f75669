// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The connections of a pod that nobody has accepted yet. They cannot be dumped, so once new ones are kept out the pod gets
 * some time to accept those that are there.
 *
 * @param process in /proc, of any process of the pod
 */
public record AcceptQueues(Path process) {
    private static final Duration POLL = Duration.ofMillis(1);
    private static final String LISTEN = "0A";

    /** Gives up after the limit: then the dump says what is wrong. */
    public void awaitEmpty(Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        while (waiting() > 0 && System.nanoTime() < end) {
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private long waiting() throws IOException {
        return waiting(read("tcp")) + waiting(read("tcp6"));
    }

    private List<String> read(String table) throws IOException {
        try {
            return Files.readAllLines(process.resolve("net").resolve(table));
        } catch (NoSuchFileException e) {
            return List.of(); // no IPv6 here
        }
    }

    /** Of a listening socket the kernel tells the length of the queue where it tells unread bytes of others. */
    static long waiting(List<String> table) {
        long sum = 0;
        for (String line : table) {
            String[] fields = line.strip().split("\\s+");
            if (fields.length > 4 && fields[3].equals(LISTEN)) {
                sum += Long.parseLong(fields[4].substring(fields[4].indexOf(':') + 1), 16);
            }
        }
        return sum;
    }
}
