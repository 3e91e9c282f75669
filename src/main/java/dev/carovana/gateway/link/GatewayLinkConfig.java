// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.link;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Who a gateway is, and where its controller is. */
@ConfigMapping(prefix = "carovana.gateway")
public interface GatewayLinkConfig {
    /** Name of the Site that it belongs to; its certificate's CN is {@code gateway.SITE}. */
    Optional<String> site();

    /** Name of its pod. */
    Optional<String> name();

    /** Host and port of the controller's link. */
    Optional<String> controller();

    Peer peer();

    /** Gateway to gateway. */
    interface Peer {
        /** Host and port at which gateways of other sites reach this one. */
        Optional<String> address();
    }
}
