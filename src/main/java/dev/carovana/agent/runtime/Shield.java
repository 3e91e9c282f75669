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
            "chain %1$s { type filter hook %1$s priority -300; policy accept; meta mark 0xc114 accept; };";
    private static final String NO_TCP = "meta l4proto tcp drop";
    /** A connection that waits to be accepted cannot be dumped. */
    private static final String NO_NEW_TCP = "tcp flags & (syn | ack) == syn drop";

    /** Puts the shield up, open. Whatever was there before is gone. */
    public void raise() throws IOException {
        apply(raised());
    }

    /** Puts the shield up, closed. */
    public void close() throws IOException {
        apply(raised() + rules("add", NO_TCP));
    }

    /** Takes the shield away. Also right if there is none. */
    public void remove() throws IOException {
        apply(RESET);
    }

    private static String raised() {
        return RESET + "table inet carovana { " + HOOK.formatted("input") + " " + HOOK.formatted("output") + " }; ";
    }

    private static String rules(String how, String rule) {
        return "%1$s rule inet carovana input %2$s; %1$s rule inet carovana output %2$s;".formatted(how, rule);
    }

    private void apply(String rules) throws IOException {
        check(Node.execute(Node.inNetwork(namespace, List.of("nft", rules))));
    }

    private static void check(Node.Result result) throws IOException {
        if (!result.ok()) {
            throw new IOException("nft: exit status " + result.exitCode() + ": " + result.output());
        }
    }

    /** Will drop attempts to connect, of a shield that is up. */
    public PreparedCommand prepareRefusing(Path output) throws IOException {
        return prepare(rules("add", NO_NEW_TCP), output);
    }

    /** Will drop every TCP packet, of a shield that is up. */
    public PreparedCommand prepareClosing(Path output) throws IOException {
        return prepare(rules("add", NO_TCP), output);
    }

    /** Will let everything pass a shield that is up, and stays up. */
    public PreparedCommand prepareOpening(Path output) throws IOException {
        return prepare(rules("insert", "accept"), output);
    }

    /**
     * An nft that waits in the namespace for its rules: to start one costs 5 ms. They add to the shield only, since to take
     * anything away the kernel waits 8 ms until no packet can still be at it.
     */
    private PreparedCommand prepare(String rules, Path output) throws IOException {
        return PreparedCommand.start(Node.inNetwork(namespace, List.of("nft", "-f", "-")), rules + "\n", output);
    }
}
