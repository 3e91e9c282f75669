// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.hold.Holder;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.runtime.RuncState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * The dump of one container that arrives.
 *
 * @param folder of the container, below the migration's images; the same path on the node
 */
record Images(Path folder) {
    private static final String MEMORY = "memory";
    /** CRIU's name for the folder of the round before. */
    private static final String PARENT = "parent";

    /** Whether a file is not among the images: there runc finds a pipe, at which it waits. */
    static boolean isDescription(String name) {
        return name.equals(RuncState.DESCRIPTORS);
    }

    /** Where a file of the dump goes. */
    Path file(String name) throws IOException {
        return Journal.createPrivate(isDescription(name) ? folder : checkpoint())
                .resolve(Journal.plain(name));
    }

    /** Where an image of memory goes that is sent ahead of the dump: there CRIU looks for what the dump lacks. */
    Path memory(String name) throws IOException {
        Path memory = Journal.createPrivate(folder.resolve(MEMORY));
        Path parent = Journal.createPrivate(checkpoint()).resolve(PARENT);
        if (!Files.isSymbolicLink(parent)) {
            Files.createSymbolicLink(parent, Path.of("..", MEMORY));
        }
        return memory.resolve(Journal.plain(name));
    }

    /** The source pod's addresses that its sockets are bound to. */
    Set<String> boundAddresses() throws IOException {
        Path files = checkpoint().resolve("files.img");
        return Files.exists(files) ? BoundAddresses.in(files) : Set.of();
    }

    /** Whether the container has one end of a stream, and another container the other. */
    boolean hasStreams() throws IOException {
        Path files = checkpoint().resolve("files.img");
        return Files.exists(files) && ExternalSockets.hasStreams(files);
    }

    /** Whether the restore has left datagram sockets to be connected. */
    boolean hasConnections() {
        return Files.exists(checkpoint().resolve("carovana-connections.json"));
    }

    void prepare(Holder holder) throws IOException {
        Journal.createPrivate(checkpoint());
        holder.prepare(checkpoint(), work());
    }

    void describe(Holder holder) {
        holder.describe(description());
    }

    void restore(Holder holder) {
        holder.restore(checkpoint(), work(), description());
    }

    private Path description() {
        return folder.resolve(RuncState.DESCRIPTORS);
    }

    private Path checkpoint() {
        return folder.resolve("checkpoint");
    }

    private Path work() {
        return folder.resolve("restore");
    }
}
