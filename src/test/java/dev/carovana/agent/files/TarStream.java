// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.files;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** A tar stream that is written header by header, so that it may say what no tar would. */
final class TarStream {
    private static final int BLOCK = 512;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    TarStream file(String name) {
        return member('0', name, "", new byte[0]);
    }

    TarStream file(String name, String content) {
        return member('0', name, "", content.getBytes(UTF_8));
    }

    TarStream folder(String name) {
        return member('5', name, "", new byte[0]);
    }

    TarStream link(String name, String target) {
        return member('2', name, target, new byte[0]);
    }

    TarStream hardLink(String name, String target) {
        return member('1', name, target, new byte[0]);
    }

    /** The name of the next member, as GNU tar writes it. */
    TarStream longName(String name) {
        return member('L', "././@LongLink", "", (name + "\0").getBytes(UTF_8));
    }

    /** The target of the next member, as GNU tar writes it. */
    TarStream longTarget(String target) {
        return member('K', "././@LongLink", "", (target + "\0").getBytes(UTF_8));
    }

    /** An extended header of the next member, keys and values in turn. */
    TarStream extended(String... records) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < records.length; i += 2) {
            all.append(record(records[i] + "=" + records[i + 1]));
        }
        return member('x', "./PaxHeaders/x", "", all.toString().getBytes(UTF_8));
    }

    private static String record(String text) {
        int rest = text.getBytes(UTF_8).length + 2;
        int length = rest + 1;
        while (length != rest + Integer.toString(length).length()) {
            length++;
        }
        return length + " " + text + "\n";
    }

    TarStream member(char type, String name, String target, byte[] content) {
        return raw(
                header(
                        type,
                        name,
                        target,
                        String.format("%011o", content.length).getBytes(US_ASCII)),
                content);
    }

    /** @param size as it stands in the header */
    static byte[] header(char type, String name, String target, byte[] size) {
        byte[] header = new byte[BLOCK];
        put(header, 0, name.getBytes(UTF_8));
        put(header, 100, "0000644\0000000000\0000000000\0".getBytes(US_ASCII));
        put(header, 124, size);
        put(header, 136, "00000000000\0".getBytes(US_ASCII));
        header[156] = (byte) type;
        put(header, 157, target.getBytes(UTF_8));
        put(header, 257, "ustar\00000".getBytes(US_ASCII));
        return sum(header);
    }

    /** With the right checksum. */
    static byte[] sum(byte[] header) {
        put(header, 148, "        ".getBytes(US_ASCII));
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum).getBytes(US_ASCII));
        return header;
    }

    static void put(byte[] header, int at, byte[] text) {
        System.arraycopy(text, 0, header, at, text.length);
    }

    TarStream raw(byte[] header, byte[] content) {
        out.writeBytes(header);
        out.writeBytes(content);
        out.writeBytes(new byte[-content.length & BLOCK - 1]);
        return this;
    }

    byte[] end() {
        out.writeBytes(new byte[2 * BLOCK]);
        return out.toByteArray();
    }
}
