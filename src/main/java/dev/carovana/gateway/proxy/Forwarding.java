// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.net.HostAndPort;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a function is told of the way that a call came.
 *
 * @param address of the caller
 * @param scheme that the caller used
 * @param host that the caller asked for
 * @param trusted whether the caller may say what was before it
 */
record Forwarding(String address, String scheme, @Nullable HostAndPort host, boolean trusted) {
    void write(MultiMap headers) {
        List<String> way = new ArrayList<>(trusted ? headers.getAll("x-forwarded-for") : List.of());
        way.add(address);
        headers.set("X-Forwarded-For", String.join(", ", way));
        if (!trusted || !headers.contains("x-forwarded-proto")) {
            headers.set("X-Forwarded-Proto", scheme);
        }
        if (host != null && (!trusted || !headers.contains("x-forwarded-host"))) {
            headers.set("X-Forwarded-Host", host.toString());
        }
    }
}
