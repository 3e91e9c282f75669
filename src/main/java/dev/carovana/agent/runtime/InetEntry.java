// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A socket, as /proc/PID/net says.
 *
 * @param state as the kernel counts them
 * @param unsent bytes that the other end has not taken yet
 * @param inode 0 of one that no process has any more
 */
public record InetEntry(int state, InetAddress local, int port, InetAddress remote, long unsent, long inode) {
    public static final int FIN_WAIT1 = 4;
    /** Of UDP: it is not connected. */
    public static final int CLOSE = 7;

    public static final int LAST_ACK = 9;
    public static final int LISTEN = 10;
    public static final int CLOSING = 11;

    /**
     * Those of a pod.
     *
     * @param process in /proc, of any process of the pod
     * @param tables tcp, tcp6, udp, udp6
     */
    public static List<InetEntry> of(Path process, String... tables) throws IOException {
        List<InetEntry> all = new ArrayList<>();
        for (String table : tables) {
            try {
                for (String line : Files.readAllLines(process.resolve("net").resolve(table)).stream()
                        .skip(1)
                        .toList()) {
                    all.add(read(line));
                }
            } catch (NoSuchFileException e) {
                continue; // no IPv6 here
            }
        }
        return all;
    }

    static InetEntry read(String line) throws IOException {
        String[] fields = line.strip().split("\\s+");
        String[] local = fields[1].split(":");
        return new InetEntry(
                Integer.parseInt(fields[3], 16),
                address(local[0]),
                Integer.parseInt(local[1], 16),
                address(fields[2].substring(0, fields[2].indexOf(':'))),
                Long.parseLong(fields[4].substring(0, fields[4].indexOf(':')), 16),
                Long.parseLong(fields[9]));
    }

    /** Words of 32 bits in the order of the machine. */
    private static InetAddress address(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(text.length() / 2).order(ByteOrder.nativeOrder());
        for (int at = 0; at < text.length(); at += 8) {
            bytes.putInt(Integer.parseUnsignedInt(text.substring(at, at + 8), 16));
        }
        return InetAddress.getByAddress(bytes.array());
    }

    /** Whether it is bound to an address that the pod has at this site only. */
    public boolean isOfThisSite() {
        return !local.isAnyLocalAddress() && !local.isLoopbackAddress() && !local.isMulticastAddress();
    }

    /** Whether both ends are in the pod. */
    public boolean isWithin() {
        return remote.isLoopbackAddress() || remote.equals(local);
    }

    /** Where it is bound. */
    public String name() {
        return (local.getAddress().length > 4 ? "[" + local.getHostAddress() + "]" : local.getHostAddress()) + ":"
                + port;
    }
}
