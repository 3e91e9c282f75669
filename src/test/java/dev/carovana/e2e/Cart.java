// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;

/** The cart sample's HTTP API, wherever the instance is now. */
final class Cart implements Counting {
    /**
     * What the cart answers.
     *
     * @param sequence how many updates it has had
     * @param hash chain over all updates
     * @param process changes when the function's process is started anew
     * @param connects how often the connection to Redis was made
     * @param uptimeSeconds by the function's monotonic clock
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record State(long sequence, String hash, String process, int connects, double uptimeSeconds)
            implements Counting.Count {}

    private final String instance;

    Cart(String instance) {
        this.instance = instance;
    }

    @Override
    public State get() throws IOException, InterruptedException {
        return Calls.get(instance, "/cart", State.class);
    }

    @Override
    public State add(String item) throws IOException, InterruptedException {
        return Calls.post(instance, "/items", "{\"item\":\"" + item + "\",\"quantity\":1}", State.class);
    }
}
