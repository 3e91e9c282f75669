// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.user;

import io.netty.util.NetUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Addresses of callers who are trusted with something. */
public final class Networks {
    private final List<Network> networks;

    private Networks(List<Network> networks) {
        this.networks = networks;
    }

    /**
     * Fails if one is no network.
     *
     * @param networks as {@code address/bits}, or an address
     */
    public static Networks of(List<String> networks) {
        return new Networks(networks.stream().map(Network::of).toList());
    }

    /**
     * Whether an address is in one of them.
     *
     * @param address as numbers; a name is in no network
     */
    public boolean contains(@Nullable String address) {
        byte[] bytes = address == null ? null : bytes(address);
        if (bytes == null) {
            return false;
        }
        for (Network network : networks) {
            if (network.contains(bytes)) {
                return true;
            }
        }
        return false;
    }

    private static byte @Nullable [] bytes(String address) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        if (bytes != null && bytes.length == 16 && isMapped(bytes)) {
            return new byte[] {bytes[12], bytes[13], bytes[14], bytes[15]};
        }
        return bytes;
    }

    /** {@code ::ffff:192.0.2.1}, as a socket for both kinds of addresses calls it. */
    private static boolean isMapped(byte[] address) {
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return address[10] == (byte) 0xff && address[11] == (byte) 0xff;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Network(byte[] base, int bits) {
        static Network of(String text) {
            int slash = text.indexOf('/');
            byte[] base = bytes(slash < 0 ? text : text.substring(0, slash));
            int bits = base == null ? -1 : slash < 0 ? 8 * base.length : number(text.substring(slash + 1));
            if (base == null || bits < 0 || bits > 8 * base.length) {
                throw new IllegalArgumentException(
                        "'" + text + "' is not a network, expected for instance 10.0.0.0/8 or fc00::/7");
            }
            return new Network(base, bits);
        }

        private static int number(String text) {
            try {
                return Integer.parseInt(text);
            } catch (NumberFormatException e) {
                return -1;
            }
        }

        boolean contains(byte[] address) {
            if (address.length != base.length) {
                return false;
            }
            int whole = bits / 8;
            for (int i = 0; i < whole; i++) {
                if (address[i] != base[i]) {
                    return false;
                }
            }
            int rest = bits % 8;
            return rest == 0 || (address[whole] ^ base[whole]) >> (8 - rest) == 0;
        }
    }
}
