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
    public static String closed() {
        return table("meta l4proto tcp drop");
    }

    /** Drops attempts to connect only: a connection that waits to be accepted cannot be dumped. */
    public static String refusingConnections() {
        return table("tcp flags & (syn | ack) == syn drop");
    }

    private static String table(String rule) {
        return RESET + "table inet carovana { " + HOOK.formatted("input", rule) + " " + HOOK.formatted("output", rule)
                + " }\n";
    }

    /** Also right if there is no shield. */
    public static String opened() {
        return RESET + "\n";
    }

    public void close() throws IOException {
        apply(closed());
    }

    public void open() throws IOException {
        apply(opened());
    }

    private void apply(String rules) throws IOException {
        check(Node.execute(Node.inNetwork(namespace, List.of("nft", rules))));
    }

    private static void check(Node.Result result) throws IOException {
        if (!result.ok()) {
            throw new IOException("nft: exit status " + result.exitCode() + ": " + result.output());
        }
    }

    /** An nft that waits in the namespace for its rules: to start one costs 5 ms. */
    public PreparedCommand prepare(String rules, Path output) throws IOException {
        return PreparedCommand.start(Node.inNetwork(namespace, List.of("nft", "-f", "-")), rules, output);
    }
}
