// SPDX-License-Identifier: Apache-2.0
package dev.carovana.samples.readings;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The hash over all updates, by the rule of {@code common/ledger.py}: a lost, doubled or reordered update gives another
 * one from there on.
 *
 * @param sequence number of updates
 * @param hash in lower-case hexadecimal
 */
record Chain(long sequence, String hash) {
    static final Chain START = new Chain(0, "0".repeat(64));

    /** The chain after a reading. The sensor's name must need no escapes in JSON. */
    Chain next(String sensor, long value) {
        long number = sequence + 1;
        String update = "{\"sensor\":\"" + sensor + "\",\"sequence\":" + number + ",\"value\":" + value + "}";
        return new Chain(number, sha256(hash + update));
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
