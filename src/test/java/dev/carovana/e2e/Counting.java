// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import java.io.IOException;

/** A sample function that counts its updates. */
interface Counting {
    /** What it answers. */
    interface Count {
        /** How many updates it has had. */
        long sequence();

        /** Changes when the function's process is started anew. */
        String process();
    }

    Count get() throws IOException, InterruptedException;

    Count add(String name) throws IOException, InterruptedException;
}
