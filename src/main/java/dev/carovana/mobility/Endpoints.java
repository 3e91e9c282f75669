// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent.Target;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;

/** EndPoint of 3GPP TS 29.558: one of uri, fqdn, ipv4Addrs and ipv6Addrs. */
final class Endpoints {
    private Endpoints() {}

    static Target read(Fields endpoint) throws MalformedEventException {
        List<String> hosts = new ArrayList<>();
        String uri = endpoint.optionalText("uri");
        if (uri != null) {
            hosts.add(host(endpoint, uri));
        }
        String name = endpoint.optionalText("fqdn");
        if (name != null) {
            hosts.add(name);
        }
        hosts.addAll(endpoint.texts("ipv4Addrs"));
        hosts.addAll(endpoint.texts("ipv6Addrs"));
        if (hosts.isEmpty()) {
            throw endpoint.wrong("uri", "a URI, or fqdn, ipv4Addrs or ipv6Addrs instead");
        }
        return new Target.Endpoint(hosts);
    }

    private static String host(Fields endpoint, String uri) throws MalformedEventException {
        try {
            String host = new URI(uri).getHost();
            if (host != null) {
                return host;
            }
        } catch (URISyntaxException e) {
            // told below
        }
        throw endpoint.wrong("uri", "a URI with a host");
    }
}
