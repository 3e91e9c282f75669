// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.user;

import dev.carovana.gateway.route.Refusal;
import io.vertx.core.Future;

/** Who a call is of. */
public sealed interface Caller {
    record Known(String user) implements Caller {}

    record Refused(Refusal why) implements Caller {}

    /** Keys have to be fetched first. */
    record Later(Future<Caller> found) implements Caller {}
}
