// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.RouteTable;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Peer;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connections to pods and to other gateways, of one event loop. */
final class Upstream {
    private final String site;
    private final RouteTable routes;
    private final Clients clients;

    Upstream(String site, RouteTable routes, Clients clients) {
        this.site = site;
        this.routes = routes;
        this.clients = clients;
    }

    boolean isHere(InstanceRoute route) {
        return route.getSite().equals(site);
    }

    /** How many gateways there are to try. */
    int peers(@Nullable InstanceRoute route) {
        return route == null ? 0 : routes.peersOf(route.getSite()).size();
    }

    /** Fails if nothing was sent. */
    Future<HttpClientRequest> toPod(FunctionRoute function, InstanceRoute route, RequestOptions call, boolean upgrade) {
        HttpClient client = function.getHttp2() && !upgrade ? clients.podsHttp2() : clients.pods();
        return client.request(call.setHost(route.getHost()).setPort(function.getPort()));
    }

    /**
     * Fails if nothing was sent.
     *
     * @param failures how many gateways of that site were tried in vain
     */
    Future<HttpClientRequest> toPeer(InstanceRoute route, RequestOptions call, boolean upgrade, int failures) {
        List<Peer> peers = routes.peersOf(route.getSite());
        HttpClient client = upgrade ? clients.peersHttp1() : clients.peers();
        if (peers.isEmpty() || client == null) {
            return Future.failedFuture(new NoPeer(route.getSite()));
        }
        // an instance's calls take one way, so that they arrive in order
        int choice = Math.floorMod(route.getInstance().hashCode() + failures, peers.size());
        HostAndPort address = HostAndPort.parseAuthority(peers.get(choice).getAddress(), 443);
        if (address == null) {
            return Future.failedFuture(new NoPeer(route.getSite()));
        }
        return client.request(call.setServer(SocketAddress.inetSocketAddress(address.port(), address.host()))
                .setHost("gateway." + route.getSite())
                .setPort(address.port())
                .setSsl(true));
    }

    /**
     * Calls a gateway's port on this machine, and nothing of what it says matters: the first connection takes seconds on a
     * busy machine, and must not take them from a user.
     */
    Future<Void> greet(int port) {
        HttpClient client = clients.peers();
        if (client == null) {
            return Future.succeededFuture();
        }
        return client.request(new RequestOptions()
                        .setMethod(HttpMethod.GET)
                        .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
                        .setHost("gateway." + site)
                        .setPort(port)
                        .setSsl(true)
                        .setURI("/"))
                .compose(HttpClientRequest::send)
                .mapEmpty();
    }

    /**
     * @param peers null without certificates
     * @param peersHttp1 for what HTTP/2 cannot do: switch to another protocol
     */
    record Clients(
            HttpClient pods, HttpClient podsHttp2, @Nullable HttpClient peers, @Nullable HttpClient peersHttp1) {}

    /** No gateway of that site is connected to the controller. */
    static final class NoPeer extends Exception {
        private static final long serialVersionUID = 1;

        NoPeer(String site) {
            super("no gateway of site " + site + " is there", null, false, false);
        }
    }
}
