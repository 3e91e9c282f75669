// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.files.Trees;
import dev.carovana.agent.hold.HolderStatus;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.PreparedCommand;
import dev.carovana.agent.runtime.Shield;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.ProtocolException;
import dev.carovana.agent.transfer.Sink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pod of this node whose containers are held. */
final class HeldPod implements DestinationPod {
    private final Node node;
    private final Path network;
    private final Trees trees;
    private @Nullable PreparedCommand open;

    HeldPod(Node node, String network) {
        this.node = node;
        this.network = node.see(network);
        this.trees = new Trees(node);
    }

    @Override
    public void closeShield() throws IOException {
        new Shield(network).close();
    }

    @Override
    public void expect(String oldAddress, Path scratch) throws IOException {
        run(List.of("ip", "address", "replace", oldAddress + "/32", "dev", "lo"));
        // a connection of an earlier move that the function has not closed yet is bound to an older address still
        run(bindAnywhere(true));
        open = new Shield(network).prepare(Shield.opened(), scratch.resolve("open.out"));
    }

    @Override
    public Sink tree(Messages.Open tree, HolderStatus container) throws IOException {
        Path root =
                switch (tree.kind()) {
                    case LAYER -> node.see(container.bundle() + "/rootfs");
                    case VOLUME -> trees.volumes(container.podUid()).resolve(Journal.plain(tree.owner()));
                    case SHM -> trees.sharedMemory(container.sandboxId());
                    case IMAGE, MEMORY -> throw new ProtocolException(tree.kind() + " is not a tree");
                };
        return new TarSink(root, tree.deletes());
    }

    @Override
    public void openShield() throws IOException {
        PreparedCommand waiting = open;
        open = null;
        if (waiting == null || waiting.go().join().exitCode() != 0) {
            new Shield(network).open();
        }
    }

    @Override
    public void endOldConnections(String oldAddress) throws IOException {
        run(List.of("ss", "-K", "src", oldAddress));
        run(List.of("ip", "address", "delete", oldAddress + "/32", "dev", "lo"));
        run(bindAnywhere(false));
    }

    private static List<String> bindAnywhere(boolean allowed) {
        return List.of(
                "sh",
                "-c",
                "for f in /proc/sys/net/ipv?/ip_nonlocal_bind; do echo " + (allowed ? 1 : 0) + " > $f; done");
    }

    private void run(List<String> command) throws IOException {
        Node.Result result = node.runInNetwork(network, command);
        if (result.exitCode() != 0) {
            throw new IOException(String.join(" ", command) + ": " + result.output());
        }
    }

    @Override
    public void release() {
        if (open != null) {
            open.close();
        }
    }
}
