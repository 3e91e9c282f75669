// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.runtime.Node;
import dev.carovana.link.v1.Facts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the node has. Versions are asked for once, what changes is read each time. */
public final class NodeFacts {
    private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+(?:\\.\\d+)?\\S*");

    private final AgentConfig config;
    private final Facts fixed;

    public NodeFacts(AgentConfig config, Node node) throws IOException {
        this.config = config;
        this.fixed = Facts.newBuilder()
                .setCriu(version(node, List.of("criu", "--version")))
                .setRunc(version(node, List.of("runc", "--version")))
                .setWrapper(version(node, List.of(config.wrapper(), "--carovana-version")))
                .setKernel(
                        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip())
                .setArchitecture(System.getProperty("os.arch"))
                .addAllCpuFlags(cpuFlags())
                .build();
    }

    public Facts now() {
        return fixed.toBuilder()
                .setMemoryAvailableBytes(memoryAvailable())
                .setTmpfsAvailableBytes(Math.max(
                        0,
                        config.runDirectory().toFile().getUsableSpace()
                                - config.tmpfsReserve().asLongValue()))
                .build();
    }

    /** The first version number that a command prints, empty if it cannot be run. */
    private static String version(Node node, List<String> command) throws IOException {
        Node.Result result = node.run(command);
        Matcher matcher = VERSION.matcher(result.output());
        return result.exitCode() == 0 && matcher.find() ? matcher.group() : "";
    }

    private static List<String> cpuFlags() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> List.of(
                            line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
                    .orElse(List.of());
        }
    }

    private static long memoryAvailable() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .map(line -> line.replaceAll("\\D", ""))
                    .mapToLong(Long::parseLong)
                    .map(kib -> kib << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
