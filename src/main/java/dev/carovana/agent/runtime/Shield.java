// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The packet shield of a pod: one nft table in its network namespace. While it is up no TCP packet reaches or leaves a
 * socket, so that a connection between two containers of the pod survives although one of them has no socket yet.
 * CRIU's own packets carry a mark and pass.
 *
 * @param namespace the pod's network namespace, as the agent sees its file
 */
public record Shield(Path namespace) {
    private static final String RESET = "add table inet carovana; delete table inet carovana; ";
    private static final String HOOK =
            "chain %1$s { type filter hook %1$s priority -300; policy accept; meta mark 0xc114 accept; %2$s; };";

    /** Drops every TCP packet. */
    public static List<String> closeCommand() {
        return table("meta l4proto tcp drop");
    }

    /** Drops attempts to connect only: a connection that waits to be accepted cannot be dumped. */
    public static List<String> refuseConnectionsCommand() {
        return table("tcp flags & (syn | ack) == syn drop");
    }

    private static List<String> table(String rule) {
        return List.of(
                "nft",
                RESET + "table inet carovana { " + HOOK.formatted("input", rule) + " " + HOOK.formatted("output", rule)
                        + " }");
    }

    /** Also right if there is no shield. */
    public static String openCommand() {
        return "nft '" + RESET.strip() + "'";
    }

    public void close() throws IOException {
        check(Node.execute(Node.inNetwork(namespace, closeCommand())));
    }

    public void open() throws IOException {
        check(Node.execute(Node.inNetwork(namespace, List.of("sh", "-c", openCommand()))));
    }

    private static void check(Node.Result result) throws IOException {
        if (!result.ok()) {
            throw new IOException("nft: exit status " + result.exitCode() + ": " + result.output());
        }
    }

    /** A shield command whose process waits in the namespace already. */
    public PreparedCommand prepare(List<String> command, Path output) throws IOException {
        return PreparedCommand.start(List.of("nsenter", "--net=" + namespace, "--"), "", command, output);
    }
}
