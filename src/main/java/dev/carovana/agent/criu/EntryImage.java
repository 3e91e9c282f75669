// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.criu;

import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An image of entries: two magic numbers, then each entry after its length. */
public final class EntryImage {
    private static final int COMMON_MAGIC = 0x54564319;
    private static final int HEADER = 2 * Integer.BYTES;

    private EntryImage() {}

    /**
     * The entries, in order.
     *
     * @throws IOException if it cannot be read or is something else
     */
    public static List<ByteBuffer> read(Path file) throws IOException {
        ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (image.remaining() < HEADER || image.getInt() != COMMON_MAGIC) {
            throw new IOException(file.getFileName() + " is not an image of CRIU's");
        }
        image.position(HEADER);
        List<ByteBuffer> entries = new ArrayList<>();
        while (image.hasRemaining()) {
            int length = image.remaining() < Integer.BYTES ? -1 : image.getInt();
            if (length < 0 || length > image.remaining()) {
                throw new IOException(file.getFileName() + " ends within entry " + entries.size());
            }
            entries.add(image.slice(image.position(), length));
            image.position(image.position() + length);
        }
        return entries;
    }

    /** @param magic of this kind of image */
    public static byte[] of(int magic, List<? extends MessageLite> entries) {
        int length = entries.stream()
                .mapToInt(entry -> Integer.BYTES + entry.getSerializedSize())
                .sum();
        ByteBuffer image = ByteBuffer.allocate(HEADER + length).order(ByteOrder.LITTLE_ENDIAN);
        image.putInt(COMMON_MAGIC).putInt(magic);
        for (MessageLite entry : entries) {
            image.putInt(entry.getSerializedSize()).put(entry.toByteArray());
        }
        return image.array();
    }
}
