// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carovana.gateway.route.Pass;
import dev.carovana.link.v1.InstanceRoute;
import io.vertx.core.MultiMap;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway says of a call that it sends to another one.
 *
 * @param function as {@code namespace/name}
 * @param user the user's id
 * @param instance that the call is for
 * @param epoch that the call is for
 */
record Identity(String function, String user, String instance, long epoch) {
    static void write(MultiMap headers, String function, String user, InstanceRoute route) {
        headers.set(Names.FUNCTION, function);
        headers.set(Names.USER, Base64.getUrlEncoder().withoutPadding().encodeToString(user.getBytes(UTF_8)));
        headers.set(Names.INSTANCE, route.getInstance());
        headers.set(Names.EPOCH, Long.toString(route.getEpoch()));
    }

    /** Null if it is not there or not readable. */
    static @Nullable Identity read(MultiMap headers) {
        String function = headers.get(Names.FUNCTION);
        String user = headers.get(Names.USER);
        String instance = headers.get(Names.INSTANCE);
        String epoch = headers.get(Names.EPOCH);
        if (function == null || user == null || instance == null || epoch == null) {
            return null;
        }
        try {
            long number = Long.parseLong(epoch);
            return number == Pass.NO_EPOCH
                    ? null
                    : new Identity(function, new String(Base64.getUrlDecoder().decode(user), UTF_8), instance, number);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
