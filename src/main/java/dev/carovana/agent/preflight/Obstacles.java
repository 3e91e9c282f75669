// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import dev.carovana.agent.runtime.InetEntry;
import dev.carovana.agent.runtime.UnsentData;
import dev.carovana.link.v1.Reason;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What CRIU cannot dump or restore of a container's processes, and of a pod's connections. */
final class Obstacles {
    /** CRIU's constant, in each dump. */
    private static final int MOST_PIPES = 1024;

    private static final Pattern PIPE = Pattern.compile("pipe:\\[\\d+]");
    /** A timer of timer_create that one thread is told of. */
    private static final Pattern OF_THREAD = Pattern.compile("notify: \\w+/tid\\.(\\d+)");

    private Obstacles() {}

    /** @param processes their folders in /proc, parents before children */
    static List<Reason> ofContainer(String container, List<Path> processes) {
        List<Reason> reasons = new ArrayList<>();
        EpollSets sets = new EpollSets();
        for (Path process : processes) {
            String who = "container " + container + ", process " + process.getFileName();
            if (sets.haveOrphan(process)) {
                reasons.add(
                        reason(
                                "EpollOrphan",
                                who
                                        + " has an epoll set with a file that it has closed and another process has open, which CRIU "
                                        + "cannot dump: expected to be taken out of the set (EPOLL_CTL_DEL) before it is closed"));
            }
            timerOfThread(process)
                    .ifPresent(thread -> reasons.add(reason(
                            "ThreadTimer",
                            who + " has a timer for its thread " + thread
                                    + " (timer_create with SIGEV_THREAD or SIGEV_THREAD_ID), "
                                    + "which CRIU cannot restore: stop the profiler, or what else has made it")));
        }
        long full = fullPipes(processes);
        if (full > MOST_PIPES) {
            reasons.add(reason(
                    "Pipes",
                    "container " + container + " has " + full + " pipes with something in them, expected at most "
                            + MOST_PIPES + ": CRIU has no room for more"));
        }
        return reasons;
    }

    /** CRIU restores timers before any thread but the first. */
    private static Optional<String> timerOfThread(Path process) {
        try {
            return Files.readAllLines(process.resolve("timers")).stream()
                    .map(OF_THREAD::matcher)
                    .filter(Matcher::matches)
                    .map(timer -> timer.group(1))
                    .filter(thread -> !thread.equals(String.valueOf(process.getFileName())))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty(); // it has just ended
        }
    }

    private static long fullPipes(List<Path> processes) {
        Map<String, Path> pipes = new HashMap<>();
        for (Path process : processes) {
            try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
                for (Path descriptor : descriptors.toList()) {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    if (PIPE.matcher(target).matches()) {
                        pipes.put(target, descriptor);
                    }
                }
            } catch (IOException e) {
                continue; // it has just ended, or closed it
            }
        }
        return pipes.size() <= MOST_PIPES
                ? 0
                : pipes.values().stream().filter(Obstacles::hasContent).count();
    }

    private static boolean hasContent(Path pipe) {
        try (FileInputStream reader = new FileInputStream(pipe.toFile())) {
            return reader.available() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** @param process in /proc, of any process of the pod */
    static List<Reason> ofPod(Path process) throws IOException {
        List<Reason> reasons = new ArrayList<>();
        for (InetEntry entry : InetEntry.of(process, "tcp", "tcp6", "udp", "udp6")) {
            if (takesAny(entry) && entry.isOfThisSite()) {
                reasons.add(reason(
                        "OwnAddress",
                        "the pod listens on " + entry.name()
                                + ", an address that it has here only, expected 0.0.0.0, [::] "
                                + "or one of loopback"));
            }
        }
        MulticastGroups.any(process)
                .ifPresent(group -> reasons.add(reason(
                        "MulticastGroup",
                        "the pod is in multicast group " + group
                                + ", expected none: after a move it would not be, and not be told")));
        new UnsentData(process)
                .after(Duration.ofMillis(100)) // what is read at once is no obstacle
                .ifPresent(problem -> reasons.add(reason("UnsentData", problem)));
        return reasons;
    }

    private static boolean takesAny(InetEntry entry) {
        return entry.state() == InetEntry.LISTEN || entry.state() == InetEntry.CLOSE && entry.port() > 0;
    }

    private static Reason reason(String code, String message) {
        return Reason.newBuilder().setCode(code).setMessage(message).build();
    }
}
