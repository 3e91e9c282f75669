// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.util.Optional;

/**
 * The names that networks have for a user, each with its kind before a colon. {@code spec.userAliases} of an instance
 * lists those of its user.
 */
public final class UserAlias {
    private static final String IPV4 = "ipv4:";
    private static final String IPV6 = "ipv6:";

    private UserAlias() {}

    /** For example {@code ipv4:10.100.0.1} or {@code ipv6:2001:db8::1}; empty if the text is no address. */
    public static Optional<String> ofAddress(String text) {
        return Hosts.ipv4(text).map(a -> IPV4 + a).or(() -> Hosts.ipv6(text).map(a -> IPV6 + a));
    }

    /** A GPSI as in TS 29.571: {@code msisdn-} and digits, or {@code extid-} and an external id. */
    public static String ofGpsi(String gpsi) {
        return "gpsi:" + gpsi;
    }

    /** Any other kind. */
    public static String of(String kind, String value) {
        return kind + ":" + value;
    }

    /** What people wrote, so that it can be compared: an IPv6 address has many spellings. */
    public static String normal(String alias) {
        return alias.startsWith(IPV6)
                ? ofAddress(alias.substring(IPV6.length())).orElse(alias)
                : alias;
    }
}
