// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.link.v1.InstanceRoute;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Counts and measures calls, and notes them in the access log. */
public final class CallBook {
    private static final Duration[] STEPS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    private final AtomicInteger underWay = new AtomicInteger();
    private final ReentrantLock quiet = new ReentrantLock();
    private final Condition fewer = quiet.newCondition();
    private final MeterRegistry registry;
    private final AccessLog log;
    private final Map<Kind, Timer> calls = new ConcurrentHashMap<>();
    private final Map<String, Held> holds = new ConcurrentHashMap<>();

    public CallBook(MeterRegistry registry, AccessLog log) {
        this.registry = registry;
        this.log = log;
    }

    /** @param site where it was answered, or empty */
    private record Kind(String function, String site, int statusClass) {}

    private record Held(Counter calls, Timer time) {}

    /**
     * How a call ended.
     *
     * @param path without the query, which may hold secrets
     * @param site where it was answered, or empty
     * @param epoch of the pod that answered, or 0
     * @param nanos from its arrival until its end
     * @param waited how much of that it waited
     * @param bytes of the answer's body
     */
    record Ended(
            String function,
            String method,
            String path,
            String address,
            int status,
            String site,
            long epoch,
            long nanos,
            long waited,
            long bytes) {
        static Ended of(
                HttpServerRequest request,
                String function,
                int status,
                @Nullable InstanceRoute by,
                Spent spent,
                long bytes) {
            SocketAddress remote = request.remoteAddress();
            return new Ended(
                    function,
                    request.method().name(),
                    String.valueOf(request.path()),
                    remote == null ? "" : String.valueOf(remote.hostAddress()),
                    status,
                    by == null ? "" : by.getSite(),
                    by == null ? 0 : by.getEpoch(),
                    System.nanoTime() - spent.begin(),
                    spent.waited(),
                    bytes);
        }
    }

    /**
     * @param begin as {@link System#nanoTime} said
     * @param waited nanoseconds since then in which the call waited
     */
    record Spent(long begin, long waited) {}

    void began() {
        underWay.incrementAndGet();
    }

    /** Calls that wait or are answered now. */
    public int underWay() {
        return underWay.get();
    }

    /** False if that took longer. */
    boolean awaitQuiet(long nanos) {
        long deadline = System.nanoTime() + nanos;
        quiet.lock();
        try {
            while (underWay.get() > 0) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                fewer.awaitNanos(left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            quiet.unlock();
        }
    }

    private void leave() {
        if (underWay.decrementAndGet() == 0) {
            quiet.lock();
            try {
                fewer.signalAll();
            } finally {
                quiet.unlock();
            }
        }
    }

    void ended(Ended call) {
        leave();
        calls.computeIfAbsent(new Kind(call.function(), call.site(), call.status() / 100), this::timer)
                .record(call.nanos(), TimeUnit.NANOSECONDS);
        if (call.waited() > 0) {
            Held held = holds.computeIfAbsent(call.function(), this::held);
            held.calls().increment();
            held.time().record(call.waited(), TimeUnit.NANOSECONDS);
        }
        log.write(call);
    }

    private Timer timer(Kind kind) {
        return Timer.builder("carovana_gateway_call_seconds")
                .description("From a call's arrival until the end of its answer")
                .tag("function", kind.function())
                .tag("site", kind.site())
                .tag("status", kind.statusClass() + "xx")
                .serviceLevelObjectives(STEPS)
                .register(registry);
    }

    private Held held(String function) {
        return new Held(
                Counter.builder("carovana_gateway_held_total")
                        .description("Calls that have waited for their instance")
                        .tag("function", function)
                        .register(registry),
                Timer.builder("carovana_gateway_hold_seconds")
                        .description("How long calls have waited for their instance")
                        .tag("function", function)
                        .serviceLevelObjectives(STEPS)
                        .register(registry));
    }
}
