// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceCalls;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Peer;
import dev.carovana.link.v1.Peers;
import dev.carovana.link.v1.Unwanted;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where calls go, as the controller says. It is kept while the controller is away. */
@Singleton
public final class RouteTable implements RouteListener {
    private final Map<String, FunctionRoute> functions = new ConcurrentHashMap<>();
    private final Map<String, FunctionRoute> hosts = new ConcurrentHashMap<>();
    private final Map<GateKey, Gate> gates = new ConcurrentHashMap<>();
    private final Map<String, InstanceRoute> instances = new ConcurrentHashMap<>();
    /** A user should have one instance of a function; of several the first serves, and the others take over. */
    private final Map<GateKey, SequencedSet<String>> ofUsers = new HashMap<>();

    private final Set<String> unmentionedFunctions = new HashSet<>();
    private final Set<String> unmentionedInstances = new HashSet<>();
    private final Surroundings around;
    private volatile Map<String, List<Peer>> peers = Map.of();
    private volatile boolean synced;

    @Inject
    RouteTable(Limits limits, Room room, Instance<Hub> hub) {
        this(limits, room, new SystemTimers(), hub::get);
    }

    /** @param hub is asked for when it is needed first: it knows this table, too */
    public RouteTable(Limits limits, Room room, Timers timers, Supplier<Hub> hub) {
        this.around = new Shared(limits, room, timers, hub, gates);
    }

    /** Whether the controller has said everything once. */
    public boolean isSynced() {
        return synced;
    }

    /**
     * What is known of a function.
     *
     * @param key as {@code namespace/name}
     */
    public @Nullable FunctionRoute function(String key) {
        return functions.get(key);
    }

    /**
     * The function that is called by this name.
     *
     * @param host without port, in lower case
     */
    public @Nullable FunctionRoute functionOfHost(String host) {
        return hosts.get(host);
    }

    public boolean knowsHosts() {
        return !hosts.isEmpty();
    }

    /** The gateways of a site, in an order that is the same everywhere. */
    public List<Peer> peersOf(String site) {
        return peers.getOrDefault(site, List.of());
    }

    /** A call asks to go; its {@link Call} is told what becomes of it. */
    public void enter(GateKey key, Pass pass) {
        while (!gate(key).enter(pass, functions.get(key.function()))) {
            // it was closed just now: its successor takes the call
        }
    }

    /** What has happened since this was asked last. */
    List<InstanceCalls> calls() {
        List<InstanceCalls> calls = new ArrayList<>();
        for (Gate gate : gates.values()) {
            InstanceCalls since = gate.report();
            if (since != null) {
                calls.add(since);
            }
        }
        return calls;
    }

    int gates() {
        return gates.size();
    }

    private Gate gate(GateKey key) {
        Gate known = gates.get(key); // without the lock that computeIfAbsent may take
        return known != null ? known : gates.computeIfAbsent(key, missing -> new Gate(missing, around));
    }

    @Override
    public synchronized void syncing() {
        unmentionedFunctions.clear();
        unmentionedFunctions.addAll(functions.keySet());
        unmentionedInstances.clear();
        unmentionedInstances.addAll(instances.keySet());
    }

    @Override
    public synchronized void function(FunctionRoute function) {
        String key = GateKey.function(function.getNamespace(), function.getName());
        unmentionedFunctions.remove(key);
        FunctionRoute old = functions.put(key, function);
        if (old == null || !old.getHostsList().equals(function.getHostsList())) {
            indexHosts();
        }
    }

    private void indexHosts() {
        Map<String, FunctionRoute> named = functions.values().stream()
                .flatMap(function -> function.getHostsList().stream()
                        .map(host -> Map.entry(host.toLowerCase(Locale.ROOT), function)))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one));
        hosts.keySet().retainAll(named.keySet());
        hosts.putAll(named);
    }

    @Override
    public synchronized void functionGone(String namespace, String name) {
        forgetFunction(GateKey.function(namespace, name));
    }

    private void forgetFunction(String key) {
        functions.remove(key);
        indexHosts();
        gates.forEach((gate, calls) -> {
            if (gate.function().equals(key)) {
                calls.functionGone();
            }
        });
    }

    @Override
    public synchronized void instance(InstanceRoute route) {
        String key = instanceKey(route.getNamespace(), route.getInstance());
        unmentionedInstances.remove(key);
        instances.put(key, route);
        GateKey calls = keyOf(route);
        SequencedSet<String> ofUser = ofUsers.computeIfAbsent(calls, first -> new LinkedHashSet<>());
        ofUser.add(key);
        if (!route.getHost().isEmpty() && first(ofUser).getHost().isEmpty()) {
            ofUser.addFirst(key);
        }
        if (ofUser.getFirst().equals(key)) {
            tell(calls, route);
        }
    }

    private void tell(GateKey calls, InstanceRoute route) {
        FunctionRoute function = functions.get(calls.function());
        while (!gate(calls).route(route, function)) {
            // it was closed just now: its successor takes the route
        }
    }

    @Override
    public synchronized void instanceGone(String namespace, String instance) {
        forgetInstance(instanceKey(namespace, instance));
    }

    private void forgetInstance(String key) {
        InstanceRoute route = instances.remove(key);
        if (route == null) {
            return;
        }
        GateKey calls = keyOf(route);
        withGate(calls, gate -> gate.gone(route.getInstance()));
        SequencedSet<String> ofUser = Objects.requireNonNull(ofUsers.get(calls));
        ofUser.remove(key);
        if (ofUser.isEmpty()) {
            ofUsers.remove(calls);
        } else {
            tell(calls, first(ofUser));
        }
    }

    private InstanceRoute first(SequencedSet<String> ofUser) {
        return Objects.requireNonNull(instances.get(ofUser.getFirst()));
    }

    private void withGate(GateKey key, Consumer<Gate> what) {
        Gate gate = gates.get(key);
        if (gate != null) {
            what.accept(gate);
        }
    }

    @Override
    public void peers(Peers all) {
        peers = all.getPeersList().stream()
                .sorted(Comparator.comparing(Peer::getName))
                .collect(Collectors.groupingBy(Peer::getSite));
    }

    @Override
    public synchronized void synced() {
        List.copyOf(unmentionedFunctions).forEach(this::forgetFunction);
        List.copyOf(unmentionedInstances).forEach(this::forgetInstance);
        unmentionedFunctions.clear();
        unmentionedInstances.clear();
        synced = true;
    }

    @Override
    public void unwanted(Unwanted answer) {
        GateKey key = new GateKey(GateKey.function(answer.getNamespace(), answer.getFunction()), answer.getUser());
        withGate(key, gate -> gate.unwanted(answer));
    }

    private static String instanceKey(String namespace, String instance) {
        return namespace + "/" + instance;
    }

    private static GateKey keyOf(InstanceRoute route) {
        return new GateKey(GateKey.function(route.getNamespace(), route.getFunction()), route.getUser());
    }
}
