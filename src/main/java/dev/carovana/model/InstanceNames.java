// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The name of the instance of a user: the same for the same user and function, so that asking twice gives one instance.
 * A keyed hash stands for the user, because names are seen by more people than user ids may be.
 */
public final class InstanceNames {
    /** With the hash within the 63 characters of a host name and of a label's value. */
    private static final int FUNCTION_LENGTH = 46;

    private static final int HASH_BYTES = 8;

    private InstanceNames() {}

    public static String of(String key, String namespace, String apiVersion, String kind, String name, String user) {
        String group = apiVersion.contains("/") ? apiVersion.substring(0, apiVersion.indexOf('/')) : "";
        // NUL is in none of them, so no two lists give the same text
        String text = String.join("\0", namespace, group, kind, name, user);
        return readable(name) + "-" + hash(key, text);
    }

    /** What people recognise: the beginning of a function's name, as it may stand in a host name before a hash. */
    public static String readable(String name) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String cut = plain.length() > FUNCTION_LENGTH ? plain.substring(0, FUNCTION_LENGTH) : plain;
        String trimmed = cut.replaceAll("^-+|-+$", "");
        // a host name that begins with a digit is valid, but older programs refuse it
        return trimmed.isEmpty() || Character.isDigit(trimmed.charAt(0)) ? "f" + trimmed : trimmed;
    }

    private static String hash(String key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), mac.getAlgorithm()));
            byte[] hash = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has HmacSHA256
        }
    }
}
