// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;

/** The HTTP API of the sample in Java, wherever the instance is now. */
final class Readings implements Counting {
    private static final int VALUE = 72;

    /**
     * What the function answers.
     *
     * @param hash chain over all updates
     * @param startedAt when the JVM was started
     * @param uptimeSeconds by the JVM's monotonic clock
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record State(long sequence, String hash, String process, String startedAt, double uptimeSeconds)
            implements Counting.Count {}

    private final String instance;

    Readings(String instance) {
        this.instance = instance;
    }

    @Override
    public State get() throws IOException, InterruptedException {
        return Calls.get(instance, "/readings", State.class);
    }

    @Override
    public State add(String sensor) throws IOException, InterruptedException {
        String reading = "{\"sensor\":\"" + sensor + "\",\"value\":" + VALUE + "}";
        return Calls.post(instance, "/readings", reading, State.class);
    }

    /** The hash after so many readings of one sensor: the rule of functions-samples/common/ledger.py. */
    static String hashAfter(long updates, String sensor) throws GeneralSecurityException {
        String hash = "0".repeat(64);
        for (long n = 1; n <= updates; n++) {
            String update = "{\"sensor\":\"" + sensor + "\",\"sequence\":" + n + ",\"value\":" + VALUE + "}";
            hash = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest((hash + update).getBytes(StandardCharsets.UTF_8)));
        }
        return hash;
    }
}
