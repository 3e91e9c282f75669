// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.transfer.Sink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jboss.logging.Logger;

/** An image, onto the node's tmpfs. */
final class ImageSink implements Sink {
    private static final Logger LOG = Logger.getLogger(ImageSink.class);

    private final FileChannel channel;
    private final Runnable then;

    /** @param then is run when all of it is there */
    ImageSink(Path file, Runnable then) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        this.then = then;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void finish() throws IOException {
        channel.close();
        then.run();
    }

    @Override
    public void abandon() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debugf("an abandoned image: %s", e.getMessage());
        }
    }
}
