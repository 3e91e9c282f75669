// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.files.SubPaths;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.hold.HolderStatus;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.PreparedCommand;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.runtime.Shield;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.agent.transfer.ProtocolException;
import dev.carovana.agent.transfer.Sink;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A pod of this node whose containers are held. */
final class HeldPod implements DestinationPod {
    /**
     * At this site another pod may have an old address. Its neighbours must not learn it from here, nor its connections get
     * packets of ours: by default Linux answers for any address of its own at any interface, and sends from it.
     */
    private static final String QUIET = "echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; nft \"$1\"";

    private static final String TABLE = "inet carovana-old";
    private static final String NO_TABLE = "add table %1$s; delete table %1$s; ".formatted(TABLE);
    private static final String NOTHING_FROM_THEM =
            "add table %1$s; add chain %1$s output { type filter hook output priority -300; }; ".formatted(TABLE);

    private final Node node;
    private final String wrapper;
    private final Path network;
    private final Trees trees;
    private final HeldVolumes volumes;
    /** Old addresses that the pod has itself: pod networks of sites may overlap. */
    private final Set<String> own = new TreeSet<>();

    private @Nullable PreparedCommand open;

    HeldPod(Node node, String wrapper, String network, Supplier<PodVolumes> volumes) {
        this.node = node;
        this.wrapper = wrapper;
        this.network = node.see(network);
        this.trees = new Trees(node);
        this.volumes = new HeldVolumes(node, volumes);
    }

    @Override
    public void closeShield() throws IOException {
        new Shield(network).close();
    }

    @Override
    public void expect(Path scratch) throws IOException {
        open = new Shield(network).prepareOpening(scratch.resolve("open.out"));
    }

    @Override
    public void mountFiles(Map<HolderStatus, List<String>> files) throws IOException {
        List<SubPaths.Container> containers = new ArrayList<>();
        String podUid = "";
        for (Map.Entry<HolderStatus, List<String>> of : files.entrySet()) {
            Path bundle = node.see(of.getKey().bundle());
            podUid = of.getKey().podUid();
            containers.add(
                    new SubPaths.Container(bundle.resolve("rootfs"), RuncState.mountsOfBundle(bundle), of.getValue()));
        }
        new SubPaths(node, podUid).mountFiles(containers);
    }

    @Override
    public void takeVolumes(
            String migration, Map<HolderStatus, List<String>> shared, Map<HolderStatus, List<String>> sent)
            throws IOException {
        volumes.take(migration, shared, sent);
    }

    @Override
    public void addAddresses(Collection<String> addresses) throws IOException {
        List<String> old = new ArrayList<>();
        for (String address : addresses) {
            if (isOwn(address)) {
                own.add(address);
            } else {
                old.add(address);
            }
        }
        if (old.isEmpty()) {
            return;
        }
        StringBuilder rules = new StringBuilder(NOTHING_FROM_THEM);
        for (String address : old) {
            rules.append("add rule %s output oifname != lo %s saddr %s drop; "
                    .formatted(TABLE, address.contains(":") ? "ip6" : "ip", address));
        }
        run(List.of("sh", "-ec", QUIET, "sh", rules.toString()));
        for (String address : old) {
            run(List.of("ip", "address", "replace", alone(address), "dev", "lo"));
        }
    }

    @Override
    public Sink tree(Messages.Open tree, HolderStatus container) throws IOException {
        Path root =
                switch (tree.kind()) {
                    case LAYER -> node.see(container.bundle() + "/rootfs");
                    case VOLUME -> trees.volumes(container.podUid()).resolve(Journal.plain(tree.owner()));
                    case CLAIM -> volumes.sent(container, tree.name());
                    case SHM -> trees.sharedMemory(container.sandboxId());
                    case IMAGE, MEMORY -> throw new ProtocolException(tree.kind() + " is not a tree");
                };
        return new TarSink(root, tree.deletes(), tree.kind() == Kind.CLAIM);
    }

    @Override
    public Closeable keepStreams(Path images, String podUid) throws IOException {
        return KeptStreams.of(node, wrapper, images, podUid);
    }

    @Override
    public void connectSockets(Path images, String podUid) throws IOException {
        node.run(List.of(wrapper, "carovana-connect", images.toString(), podUid))
                .orThrow();
    }

    @Override
    public void openShield() throws IOException {
        try {
            endOwnConnections();
        } finally {
            PreparedCommand waiting = open;
            open = null;
            if (waiting == null || waiting.go().join().exitCode() != 0) {
                removeShield();
            }
        }
    }

    /** While nothing can connect: later they could not be told from new ones. */
    void endOwnConnections() throws IOException {
        for (String address : own) {
            end(address);
        }
    }

    @Override
    public void removeShield() throws IOException {
        new Shield(network).remove();
    }

    @Override
    public void endConnections(Collection<String> addresses) throws IOException {
        for (String address : addresses) {
            if (!isOwn(address)) {
                end(address);
                run(List.of("ip", "address", "delete", alone(address), "dev", "lo"));
            }
        }
        run(List.of("nft", NO_TABLE));
    }

    private void end(String address) throws IOException {
        run(List.of("ss", "-K", "src", address));
    }

    /** Whether the pod's own network has given it the address. */
    private boolean isOwn(String address) throws IOException {
        return run(List.of("ip", "-o", "address", "show", "to", alone(address)))
                .lines()
                .anyMatch(line -> !line.split("\\s+", 3)[1].equals("lo"));
    }

    /** Without its subnet. */
    private static String alone(String address) {
        return address + (address.contains(":") ? "/128" : "/32");
    }

    private String run(List<String> command) throws IOException {
        Node.Result result = node.runInNetwork(network, command);
        if (result.exitCode() != 0) {
            throw new IOException(String.join(" ", command) + ": " + result.output());
        }
        return result.output();
    }

    @Override
    public void release() {
        if (open != null) {
            open.close();
        }
    }
}
