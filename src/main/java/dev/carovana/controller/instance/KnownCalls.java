// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import java.time.Instant;
import java.util.Optional;

/** What gateways say of calls, beside what is written on instances: that may be a little behind. */
public interface KnownCalls {
    /** When an instance was called last; empty if no gateway has said so lately. */
    Optional<Instant> last(String namespace, String instance);

    /**
     * Since when every gateway of a site has been heard. One that is away, or has yet to come back to a controller that was
     * started anew, may have passed calls on before.
     */
    Instant heardSince(String site);

    /** Whether every gateway of a site has told of its calls after an instant. */
    boolean allHaveReported(String site, Instant since);
}
