// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import dev.carovana.controller.ControllerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What the controller's process uses. */
final class Usage {
    private static final Pattern HEAP =
            Pattern.compile("^jvm_memory_used_bytes\\{area=\"heap\".*} (\\S+)$", Pattern.MULTILINE);
    private static final double MIB = 1 << 20;

    private final ControllerProcess controller;

    Usage(ControllerProcess controller) {
        this.controller = controller;
    }

    /** The most that it has had in memory at once. */
    double peakMebibytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + controller.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    /** In use, what the next collection would free included. */
    double heapMebibytes() throws IOException, InterruptedException {
        return heapBytes(controller.metrics()) / MIB;
    }

    static double heapBytes(String metrics) {
        return HEAP.matcher(metrics)
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .sum();
    }

    /** Processor time since its start, in seconds. */
    double processorSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + controller.pid() + "/stat"));
        // the name, in brackets, may have spaces; user and system time are the 12th and 13th after it, in ticks of 10
        // ms
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }
}
