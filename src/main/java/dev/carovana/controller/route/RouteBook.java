// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.link.Gateways;
import dev.carovana.link.Gateways.Gateway;
import dev.carovana.link.v1.FunctionGone;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceGone;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Peer;
import dev.carovana.link.v1.Peers;
import dev.carovana.link.v1.Synced;
import dev.carovana.link.v1.ToGateway;
import java.util.HashMap;
import java.util.Map;

/**
 * What gateways have been told: each hears all of it once, and what changes from then on, in one order. For one thread.
 */
final class RouteBook {
    private record Key(String namespace, String name) {}

    private final Gateways gateways;
    private final Map<Key, FunctionRoute> functions = new HashMap<>();
    private final Map<Key, Published> instances = new HashMap<>();
    /** The newest stream of each. */
    private final Map<Gateways.Id, Gateway> told = new HashMap<>();

    RouteBook(Gateways gateways) {
        this.gateways = gateways;
    }

    void function(FunctionRoute route) {
        if (!route.equals(functions.put(new Key(route.getNamespace(), route.getName()), route))) {
            tell(message(route));
        }
    }

    void functionGone(String namespace, String name) {
        if (functions.remove(new Key(namespace, name)) != null) {
            tell(ToGateway.newBuilder()
                    .setFunctionGone(
                            FunctionGone.newBuilder().setNamespace(namespace).setName(name))
                    .build());
        }
    }

    /**
     * @param uid of the instance: another one of the same name begins anew
     */
    void instance(String uid, InstanceRoute route) {
        Key key = new Key(route.getNamespace(), route.getInstance());
        Published before = instances.get(key);
        if (before != null && !before.uid().equals(uid)) {
            instanceGone(route.getNamespace(), route.getInstance());
            before = null;
        }
        Published now = before == null ? Published.first(uid, route) : before.then(route);
        if (now != before) {
            instances.put(key, now);
            tell(message(route));
        }
    }

    void instanceGone(String namespace, String name) {
        if (instances.remove(new Key(namespace, name)) != null) {
            tell(ToGateway.newBuilder()
                    .setInstanceGone(
                            InstanceGone.newBuilder().setNamespace(namespace).setInstance(name))
                    .build());
        }
    }

    /** Which gateways there are has changed. */
    void peers() {
        tell(peersNow());
    }

    /** A gateway that knows nothing. */
    void tellAll(Gateway gateway) {
        functions.values().forEach(route -> gateways.send(gateway, message(route)));
        instances.values().forEach(published -> gateways.send(gateway, message(published.route())));
        gateways.send(gateway, peersNow());
        gateways.send(
                gateway,
                ToGateway.newBuilder().setSynced(Synced.getDefaultInstance()).build());
        told.put(gateway.id(), gateway);
    }

    void gone(Gateway gateway) {
        told.remove(gateway.id(), gateway);
    }

    private void tell(ToGateway message) {
        told.values().forEach(gateway -> gateways.send(gateway, message));
    }

    private ToGateway peersNow() {
        Peers.Builder peers = Peers.newBuilder();
        for (Gateway gateway : gateways.all()) {
            peers.addPeers(Peer.newBuilder()
                    .setSite(gateway.id().site())
                    .setName(gateway.id().name())
                    .setAddress(gateway.address()));
        }
        return ToGateway.newBuilder().setPeers(peers).build();
    }

    private static ToGateway message(FunctionRoute route) {
        return ToGateway.newBuilder().setFunction(route).build();
    }

    private static ToGateway message(InstanceRoute route) {
        return ToGateway.newBuilder().setInstance(route).build();
    }
}
