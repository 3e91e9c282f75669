// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.awaitility.Awaitility.await;

import dev.carovana.link.ControllerStream;
import dev.carovana.link.v1.Calls;
import dev.carovana.link.v1.Drained;
import dev.carovana.link.v1.FromGateway;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.GatewayHello;
import dev.carovana.link.v1.GatewayLinkGrpc;
import dev.carovana.link.v1.InstanceCalls;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Peers;
import dev.carovana.link.v1.ToGateway;
import dev.carovana.link.v1.Unwanted;
import dev.carovana.link.v1.Want;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A gateway that passes no calls on but keeps the protocol, over a real link. */
final class FakeGateway implements AutoCloseable {
    /** A route of an instance, and when it came. */
    record Heard(Instant at, InstanceRoute route) {}

    private final String site;
    private final String name;
    private final ControllerStream<FromGateway, ToGateway> stream;
    private final Map<String, FunctionRoute> functions = new ConcurrentHashMap<>();
    private final Map<String, InstanceRoute> instances = new ConcurrentHashMap<>();
    private final List<Map<String, InstanceRoute>> snapshots = new CopyOnWriteArrayList<>();
    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Map<String, Instant> drained = new ConcurrentHashMap<>();
    private final List<Unwanted> unwanted = new CopyOnWriteArrayList<>();
    private volatile Peers peers = Peers.getDefaultInstance();
    private volatile String refused = "";
    private volatile boolean busy;

    FakeGateway(String site, String name, Path certificates, int port) {
        this.site = site;
        this.name = name;
        try {
            stream = new ControllerStream<>("localhost:" + port, certificates.toFile(), new Conversation());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        stream.start(Duration.ofSeconds(10), () -> send(FromGateway.newBuilder().setCalls(Calls.getDefaultInstance())));
    }

    /** From now on calls are under way when it is to hold them. */
    FakeGateway busy() {
        busy = true;
        return this;
    }

    /** No call is under way any more. */
    void calm() {
        busy = false;
        instances.values().forEach(this::drain);
    }

    void want(String function, String user) {
        send(FromGateway.newBuilder()
                .setWant(Want.newBuilder()
                        .setNamespace(ControllerBed.NAMESPACE)
                        .setFunction(function)
                        .setUser(user)));
    }

    void calls(InstanceCalls.Builder calls) {
        send(FromGateway.newBuilder()
                .setCalls(Calls.newBuilder().addInstances(calls.setNamespace(ControllerBed.NAMESPACE))));
    }

    private void send(FromGateway.Builder message) {
        stream.send(message::build);
    }

    /** What it knew when it was told everything for the nth time, from 1. */
    Map<String, InstanceRoute> awaitSynced(int times) {
        await("gateway " + name + " is synced").atMost(Duration.ofSeconds(40)).until(() -> snapshots.size() >= times);
        return snapshots.get(times - 1);
    }

    int synced() {
        return snapshots.size();
    }

    InstanceRoute awaitRoute(String instance, Predicate<InstanceRoute> is) {
        return await("route of " + instance)
                .atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> instances.get(instance), route -> route != null && is.test(route));
    }

    InstanceRoute route(String instance) {
        return instances.get(instance);
    }

    FunctionRoute function(String function) {
        return functions.get(function);
    }

    Peers peers() {
        return peers;
    }

    String refused() {
        return refused;
    }

    List<Unwanted> unwanted() {
        return unwanted;
    }

    /** Everything that was ever said of an instance. */
    List<Heard> heard(String instance) {
        return heard.stream()
                .filter(h -> h.route().getInstance().equals(instance))
                .toList();
    }

    /** When it held the calls of a migration. */
    Instant drainedAt(String hold) {
        return drained.get(hold);
    }

    private void drain(InstanceRoute route) {
        if (!route.getHold().isEmpty() && !busy) {
            drained.put(route.getHold(), Instant.now());
            send(FromGateway.newBuilder()
                    .setDrained(Drained.newBuilder()
                            .setNamespace(route.getNamespace())
                            .setInstance(route.getInstance())
                            .setHold(route.getHold())));
        }
    }

    @Override
    public void close() {
        stream.close();
    }

    private final class Conversation implements ControllerStream.Owner<FromGateway, ToGateway> {
        @Override
        public StreamObserver<FromGateway> call(Channel channel, StreamObserver<ToGateway> in) {
            return GatewayLinkGrpc.newStub(channel).connect(in);
        }

        @Override
        public FromGateway hello() {
            return FromGateway.newBuilder()
                    .setHello(GatewayHello.newBuilder()
                            .setProtocol(1)
                            .setSite(site)
                            .setName(name)
                            .setVersion("test")
                            .setPeerAddress(name + ":8443"))
                    .build();
        }

        @Override
        public void received(ToGateway message) {
            switch (message.getBodyCase()) {
                case WELCOME -> {
                    refused = message.getWelcome().getRefused();
                    functions.clear();
                    instances.clear();
                }
                case FUNCTION -> functions.put(message.getFunction().getName(), message.getFunction());
                case FUNCTION_GONE -> functions.remove(message.getFunctionGone().getName());
                case INSTANCE -> {
                    InstanceRoute route = message.getInstance();
                    heard.add(new Heard(Instant.now(), route));
                    InstanceRoute before = instances.put(route.getInstance(), route);
                    if (before == null || !Objects.equals(before.getHold(), route.getHold())) {
                        drain(route);
                    }
                }
                case INSTANCE_GONE -> instances.remove(message.getInstanceGone().getInstance());
                case PEERS -> peers = message.getPeers();
                case SYNCED -> snapshots.add(Map.copyOf(instances));
                case UNWANTED -> unwanted.add(message.getUnwanted());
                case BODY_NOT_SET -> {}
            }
        }
    }
}
