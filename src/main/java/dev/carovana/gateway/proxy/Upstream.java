// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.gateway.route.RouteTable;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Peer;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
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
    int peers(InstanceRoute route) {
        return routes.peersOf(route.getSite()).size();
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
