// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What a move that has succeeded leaves behind: nothing (R7). After one that failed: {@link FailureE2E}. */
@Isolated("looks at all that nodes hold of moves")
class LeftoversE2E {
    private static final String NAME = "leaves-nothing";

    @AfterEach
    void removeInstance() {
        Instances.delete(NAME);
    }

    @Test
    void nothingIsLeftAtTheSourceAndNoImageAtTheDestination() {
        Instances.start(NAME, "cart", "edge-a");

        Instances.move(NAME, "edge-b");

        Lab.cluster("edge-a")
                .pods()
                .inNamespace(Lab.NAMESPACE)
                .withName(NAME + "-1")
                .waitUntilCondition(p -> p == null, 60, TimeUnit.SECONDS);
        Awaiting.until(
                "R7: no image outlives its migration",
                () -> Lab.leftovers("edge-a", NAME).isEmpty()
                        && Lab.node(
                                        "edge-b",
                                        "sh",
                                        "-c",
                                        "find /run/carovana/migrations -name '*.img' 2>/dev/null; true")
                                .isEmpty());
    }
}
