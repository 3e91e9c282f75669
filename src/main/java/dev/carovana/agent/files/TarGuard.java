// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import dev.carovana.agent.runtime.FileNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Reads the headers of a tar stream on its way to tar, and refuses a stream with a name that would leave the root. tar
 * itself follows symbolic links of the tree that it writes into, and these are the image's. Whatever tar could understand
 * in another way than this does is refused: only streams as {@link Tar} makes them pass.
 */
public final class TarGuard {
    private static final int BLOCK = 512;
    private static final int LARGEST_EXTENSION = 1 << 20;

    private final Path root;
    /** Of the stream itself: tar may not have made them yet. */
    private final Set<Path> links = new HashSet<>();

    private final byte[] header = new byte[BLOCK];
    private int headerLength;
    private long content;
    /** The rest of the last block of a member. */
    private int padding;
    /** Whether the content is an extension, which is collected. */
    private boolean extension;
    /** Whether the next member has one already. */
    private boolean extendedAlready;

    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private final Map<String, String> extended = new HashMap<>();

    public TarGuard(Path root) {
        this.root = root;
    }

    /** Looks at the next bytes, which are not changed. */
    public void look(ByteBuffer bytes) throws IOException {
        ByteBuffer left = bytes.duplicate();
        while (left.hasRemaining()) {
            if (content > 0) {
                content -= take(left, content, extension);
                if (content == 0 && extension) {
                    extend();
                }
            } else if (padding > 0) {
                padding -= take(left, padding, false);
            } else {
                int length = Math.min(left.remaining(), BLOCK - headerLength);
                left.get(header, headerLength, length);
                headerLength += length;
                if (headerLength == BLOCK) {
                    headerLength = 0;
                    member();
                }
            }
        }
    }

    private int take(ByteBuffer left, long wanted, boolean keep) {
        int length = (int) Math.min(left.remaining(), wanted);
        if (keep) {
            byte[] part = new byte[length];
            left.get(part);
            collected.write(part, 0, length);
        } else {
            left.position(left.position() + length);
        }
        return length;
    }

    private void member() throws IOException {
        if (header[0] == 0 && Arrays.equals(header, new byte[BLOCK])) {
            return; // the end
        }
        checkSum();
        char type = (char) header[156];
        long size = size();
        switch (type) {
            case 'x' -> {
                if (extendedAlready) {
                    throw new IOException("two extended tar headers of one member");
                }
                if (size > LARGEST_EXTENSION) {
                    throw new IOException("a tar header of " + size + " bytes");
                }
                extendedAlready = true;
                extension = true;
                collected.reset();
            }
            case 0, '0', '1', '2', '3', '4', '5', '6', '7' -> {
                check(type);
                extendedAlready = false;
                extended.clear();
            }
            default -> throw new IOException("a tar member of type '" + type + "'");
        }
        boolean empty = type >= '1' && type <= '6';
        content = empty ? 0 : size;
        padding = (int) (-content & BLOCK - 1);
    }

    /** tar takes the content of a member whose header is wrong for headers. */
    private void checkSum() throws IOException {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
        }
        if (number(text(148, 8).strip(), 8) != sum) {
            throw new IOException("a tar header whose checksum is wrong");
        }
    }

    private long size() throws IOException {
        String told = extended.get("size");
        if (told != null) {
            return number(told, 10);
        }
        if (header[124] == (byte) 0x80) { // larger than octal digits can tell
            return ByteBuffer.wrap(header, 124, 12).getInt() == 0x80000000
                    ? checked(ByteBuffer.wrap(header, 128, 8).getLong())
                    : checked(-1);
        }
        return number(text(124, 12).stripTrailing(), 8);
    }

    private static long checked(long size) throws IOException {
        if (size < 0) {
            throw new IOException("a tar member of a size that is none");
        }
        return size;
    }

    /** Digits and nothing else: a sign means something else to tar. */
    private static long number(String text, int radix) throws IOException {
        try {
            if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new NumberFormatException();
            }
            return Long.parseLong(text, radix);
        } catch (NumberFormatException e) {
            throw new IOException("a tar header with the number '" + text + "'", e);
        }
    }

    private void check(char type) throws IOException {
        String prefix = text(345, 155);
        boolean posix = text(257, 6).equals("ustar");
        String plain = posix && !prefix.isEmpty() ? prefix + "/" + text(0, 100) : text(0, 100);
        String name = extended.getOrDefault("GNU.sparse.name", extended.getOrDefault("path", plain));
        if (type == '5' && FileNames.path(name).normalize().toString().isEmpty()) {
            return; // the root itself
        }
        inside(name);
        if (type == '2' || type == '1' && isLink(extended.getOrDefault("linkpath", text(157, 100)))) {
            links.add(FileNames.path(name).normalize());
        }
    }

    /** Whether the target of a hard link, which must be inside, is a symbolic link: then so is the name. */
    private boolean isLink(String target) throws IOException {
        inside(target);
        return links.contains(FileNames.path(target).normalize())
                || Files.isSymbolicLink(root.resolve(FileNames.path(target)));
    }

    private void inside(String name) throws IOException {
        if (containsDots(name)) {
            throw new IOException("'" + name + "' is not below its folder");
        }
        PeerPath.inside(root, name);
        for (Path parent = FileNames.path(name).normalize().getParent(); parent != null; parent = parent.getParent()) {
            if (links.contains(parent)) {
                throw new IOException("'" + name + "' leaves its folder by the link '" + parent + "'");
            }
        }
    }

    private static boolean containsDots(String name) {
        return Arrays.asList(name.split("/")).contains("..");
    }

    /** Keeps what an extension says of the next member. */
    private void extend() throws IOException {
        records(collected.toByteArray());
        extension = false;
    }

    /** Records of the form "LENGTH KEY=VALUE\n", where the length counts itself. */
    private void records(byte[] bytes) throws IOException {
        int position = 0;
        while (position < bytes.length) {
            int space = position;
            while (space < bytes.length && bytes[space] != ' ') {
                space++;
            }
            long length = number(new String(bytes, position, space - position, StandardCharsets.US_ASCII), 10);
            int end = (int) Math.min(bytes.length, position + length);
            if (length <= space - position + 1L || end != position + length) {
                throw new IOException("a tar header that is not whole");
            }
            String record = FileNames.of(Arrays.copyOfRange(bytes, space + 1, end - 1));
            int equals = record.indexOf('=');
            if (equals > 0) {
                extended.put(record.substring(0, equals), record.substring(equals + 1));
            }
            position = end;
        }
    }

    private String text(int offset, int length) {
        int end = offset;
        while (end < offset + length && header[end] != 0) {
            end++;
        }
        return FileNames.of(Arrays.copyOfRange(header, offset, end));
    }
}
