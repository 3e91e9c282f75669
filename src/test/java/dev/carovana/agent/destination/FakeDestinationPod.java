// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.hold.HolderStatus;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.agent.transfer.Sink;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Tells what is done to it. */
final class FakeDestinationPod implements DestinationPod {
    final List<String> calls = new CopyOnWriteArrayList<>();
    volatile boolean failing;
    volatile boolean unconnectable;
    /** What is looked at when sockets are connected. */
    volatile Runnable connecting = () -> {};
    /** What is looked at when the shield opens. */
    volatile Runnable opening = () -> {};

    @Override
    public void closeShield() throws IOException {
        calls.add("close");
        if (failing) {
            throw new IOException("no nft here");
        }
    }

    @Override
    public void expect(Path scratch) {
        calls.add("expect");
    }

    @Override
    public void mountFiles(Map<HolderStatus, List<String>> files) {
        files.forEach((container, paths) -> calls.add("mount " + paths + " in " + container.container()));
    }

    @Override
    public void takeVolumes(
            String migration, Map<HolderStatus, List<String>> shared, Map<HolderStatus, List<String>> sent)
            throws IOException {
        shared.forEach((container, paths) -> calls.add("shared " + paths + " in " + container.container()));
        sent.forEach((container, paths) -> calls.add("sent " + paths + " in " + container.container()));
        if (failing) {
            throw new RefusedException("VolumeNotShared", "another volume");
        }
    }

    @Override
    public void addAddresses(Collection<String> addresses) {
        addresses.forEach(address -> calls.add("add " + address));
    }

    @Override
    public Sink tree(Messages.Open tree, HolderStatus container) {
        calls.add("tree " + tree.kind() + " " + container.container());
        return new Sink() {
            @Override
            public void write(ByteBuffer bytes) {
                // nothing is kept
            }

            @Override
            public void finish() {
                calls.add("tree is whole");
            }

            @Override
            public void abandon() {
                calls.add("tree is abandoned");
            }
        };
    }

    @Override
    public Closeable keepStreams(Path images, String podUid) throws IOException {
        if (unconnectable) {
            throw new IOException("no container of the pod has it");
        }
        calls.add("keep streams of " + podUid);
        return () -> calls.add("let streams go");
    }

    @Override
    public void connectSockets(Path images, String podUid) throws IOException {
        calls.add("connect " + podUid);
        connecting.run();
        if (unconnectable) {
            throw new IOException("no container of the pod has both");
        }
    }

    @Override
    public void openShield() throws IOException {
        calls.add("open");
        opening.run();
        if (failing) {
            throw new IOException("no nft here");
        }
    }

    @Override
    public void removeShield() {
        calls.add("remove");
    }

    @Override
    public void endConnections(Collection<String> addresses) {
        addresses.forEach(address -> calls.add("end " + address));
    }

    @Override
    public void release() {
        calls.add("release");
    }
}
