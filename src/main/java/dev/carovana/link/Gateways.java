// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import dev.carovana.link.v1.Calls;
import dev.carovana.link.v1.Drained;
import dev.carovana.link.v1.ToGateway;
import dev.carovana.link.v1.Want;
import io.grpc.stub.StreamObserver;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The gateways that are connected. After a restart of the controller they connect again. Thread-safe. */
@ApplicationScoped
public class Gateways {
    /**
     * One stream of a gateway.
     *
     * @param id which gateway it is
     * @param version Carovana's version
     * @param address where gateways of other sites reach it, {@code host:port}
     * @param stream the way to it
     */
    public record Gateway(Id id, String version, String address, StreamObserver<ToGateway> stream) {}

    /**
     * A gateway, whatever stream it has now.
     *
     * @param site its site, as its certificate says
     * @param name of its pod
     */
    public record Id(String site, String name) {
        /** For people. */
        @Override
        public String toString() {
            return "gateway " + name + " of site " + site;
        }
    }

    /** Is told what gateways say, by the thread of the stream; must not block. */
    public interface Listener {
        /** It has said who it is. It knows nothing of what it was told on an earlier stream. */
        default void connected(Gateway gateway) {}

        /** It has no stream any more. */
        default void gone(Gateway gateway) {}

        default void want(Gateway gateway, Want want) {}

        default void drained(Gateway gateway, Drained drained) {}

        default void calls(Gateway gateway, Calls calls) {}
    }

    private final Map<Id, Gateway> connected = new ConcurrentHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    public void listen(Listener listener) {
        listeners.add(listener);
    }

    /** Calls back with a site's name when its gateways have changed. */
    public void onSiteChange(Consumer<String> listener) {
        listen(new Listener() {
            @Override
            public void connected(Gateway gateway) {
                listener.accept(gateway.id().site());
            }

            @Override
            public void gone(Gateway gateway) {
                listener.accept(gateway.id().site());
            }
        });
    }

    /** All of them, by site and name. */
    public List<Gateway> all() {
        return connected.values().stream()
                .sorted(Comparator.comparing((Gateway g) -> g.id().site()).thenComparing(g -> g.id().name()))
                .toList();
    }

    /** Those of a site. */
    public List<Gateway> at(String site) {
        return all().stream().filter(g -> g.id().site().equals(site)).toList();
    }

    /** Sends to one, unless its stream has ended: then it hears everything anew on the next one. */
    public void send(Gateway gateway, ToGateway message) {
        Streams.on(gateway.stream(), stream -> stream.onNext(message));
    }

    /** A name may be used again by another process: the newest stream counts. */
    void connect(Gateway gateway) {
        Gateway before = connected.put(gateway.id(), gateway);
        if (before != null) {
            Streams.on(before.stream(), StreamObserver::onCompleted);
        }
        tell(listener -> listener.connected(gateway));
    }

    void disconnect(Gateway gateway) {
        if (connected.remove(gateway.id(), gateway)) {
            tell(listener -> listener.gone(gateway));
        }
    }

    /** What an older stream still says counts for nothing. */
    void ifCurrent(Gateway gateway, Consumer<Listener> what) {
        if (Objects.equals(connected.get(gateway.id()), gateway)) {
            tell(what);
        }
    }

    private void tell(Consumer<Listener> what) {
        listeners.forEach(what);
    }
}
