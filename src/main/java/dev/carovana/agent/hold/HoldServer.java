// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.hold;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** The unix socket of the node on which holders introduce themselves and are told what to do. */
public final class HoldServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(HoldServer.class);

    private final ServerSocketChannel server;
    private final Consumer<String> changed;
    /** Migration, then container. */
    private final Map<String, Map<String, Holder>> holders = new ConcurrentHashMap<>();

    private HoldServer(ServerSocketChannel server, Consumer<String> changed) {
        this.server = server;
        this.changed = changed;
    }

    /** @param changed is told the migration whenever one of its holders says something or goes away */
    public static HoldServer start(Path socket, Consumer<String> changed) throws IOException {
        Files.deleteIfExists(socket); // of an agent that ended
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(socket));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        HoldServer server = new HoldServer(channel, changed);
        Thread.ofVirtual().name("hold-accept").start(server::accept);
        return server;
    }

    public Collection<Holder> holders(String migration) {
        return List.copyOf(holders.getOrDefault(migration, Map.of()).values());
    }

    /** Of a pod, whatever migration they name. */
    public List<Holder> ofPod(String uid) {
        return holders.values().stream()
                .flatMap(containers -> containers.values().stream())
                .filter(holder -> holder.status().podUid().equals(uid))
                .toList();
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                Thread.ofVirtual().name("hold").start(() -> serve(channel));
            } catch (IOException e) {
                if (server.isOpen()) {
                    LOG.warn("a holder could not connect", e);
                }
            }
        }
    }

    private void serve(SocketChannel channel) {
        HolderConnection connection = new HolderConnection(channel);
        try (channel) {
            while (connection.next()) {
                keep(connection);
            }
        } catch (IOException e) {
            LOG.warnf("connection of a holder ended: %s", e.getMessage());
        } finally {
            forget(connection);
        }
    }

    private void keep(HolderConnection connection) {
        HolderStatus status = connection.status();
        holders.compute(status.migration(), (migration, known) -> {
            Map<String, Holder> containers = known == null ? new ConcurrentHashMap<>() : known;
            containers.put(status.container(), connection);
            return containers;
        });
        changed.accept(status.migration());
    }

    private void forget(HolderConnection connection) {
        if (!connection.introduced()) {
            return;
        }
        HolderStatus status = connection.status();
        holders.computeIfPresent(status.migration(), (migration, containers) -> {
            containers.remove(status.container(), connection); // it may have connected anew meanwhile
            return containers.isEmpty() ? null : containers;
        });
        changed.accept(status.migration());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
