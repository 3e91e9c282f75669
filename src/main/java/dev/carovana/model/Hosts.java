// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Spellings of hosts and addresses. Nothing here asks a name server. */
final class Hosts {
    private static final String BYTE = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:][0-9a-fA-F:.]{1,44}");

    private Hosts() {}

    static Optional<String> ipv4(String text) {
        return IPV4.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    }

    /** The one spelling that stands for all of an address. */
    static Optional<String> ipv6(String text) {
        if (!IPV6.matcher(text).matches() || !text.contains(":")) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text).getHostAddress());
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** A host as it is compared: names in lower case, without the dot of the root; IPv6 without brackets. */
    static String normal(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        String lower = bare.toLowerCase(Locale.ROOT);
        String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return ipv6(name).orElse(name);
    }
}
