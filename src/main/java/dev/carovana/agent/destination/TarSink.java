// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.files.Tar;
import dev.carovana.agent.files.TarGuard;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.transfer.Sink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;

/** A tar stream, straight into the tree that it belongs to: nothing runs there yet. */
final class TarSink implements Sink {
    private final Process tar;
    private final WritableByteChannel in;
    private final TarGuard guard;
    private final Path root;
    private final boolean lasting;

    /** @param lasting whether it must be on the disk before the source gives up its own */
    TarSink(Path root, List<String> deletes, boolean lasting) throws IOException {
        this.root = root;
        this.lasting = lasting;
        Tar.delete(root, deletes);
        guard = new TarGuard(root);
        tar = Tar.extract(root);
        in = Channels.newChannel(tar.getOutputStream());
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        guard.look(bytes);
        while (bytes.hasRemaining()) {
            in.write(bytes);
        }
    }

    @Override
    public void finish() throws IOException {
        in.close();
        Tar.finish(tar);
        if (lasting) {
            Node.execute(List.of("sync", "--file-system", root.toString())).orThrow();
        }
    }

    @Override
    public void abandon() {
        tar.destroyForcibly();
    }
}
