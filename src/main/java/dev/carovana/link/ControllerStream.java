// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One stream to the controller, made anew whenever it breaks: the end of an agent, or a gateway. Thread-safe.
 *
 * @param <O> what is sent
 * @param <I> what is received
 */
public final class ControllerStream<O, I> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ControllerStream.class);
    private static final Duration RECONNECT = Duration.ofSeconds(1);

    /** What the stream is for. */
    public interface Owner<O, I> {
        /** Begins the call. */
        StreamObserver<O> call(Channel channel, StreamObserver<I> in);

        /** First message of each stream. */
        O hello();

        /** One message after another. */
        void received(I message);

        /** The stream has broken; another one is made. */
        default void lost() {}
    }

    private final String controller;
    private final Owner<O, I> owner;
    private final ManagedChannel channel;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("link").daemon().factory());

    private @Nullable StreamObserver<O> stream;
    private @Nullable Incoming incoming;
    /** So that one outage is one line in the log. */
    private volatile boolean up = true;

    /**
     * @param controller host:port
     * @param tls folder with {@code tls.crt}, {@code tls.key} and {@code ca.crt}
     */
    public ControllerStream(String controller, File tls, Owner<O, I> owner) throws IOException {
        this.controller = controller;
        this.owner = owner;
        channel = NettyChannelBuilder.forTarget(controller)
                .sslContext(GrpcSslContexts.forClient()
                        .keyManager(new File(tls, "tls.crt"), new File(tls, "tls.key"))
                        .trustManager(new File(tls, "ca.crt"))
                        .build())
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .build();
    }

    /** Connects, and does something again and again from then on. */
    public void start(Duration period, Runnable heartbeat) {
        connect();
        clock.scheduleWithFixedDelay(heartbeat, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void connect() {
        channel.resetConnectBackoff(); // which grows to two minutes: a controller that is back wants us
        Incoming in = new Incoming();
        incoming = in;
        StreamObserver<O> out = owner.call(channel, in);
        stream = out;
        out.onNext(owner.hello());
    }

    /** What cannot be sent is lost: a hello tells what still matters. */
    public synchronized void send(Supplier<O> message) {
        if (stream != null) {
            try {
                stream.onNext(message.get());
            } catch (IllegalStateException e) {
                LOG.debugf("the stream has just ended: %s", e.getMessage());
            }
        }
    }

    private void lost(Incoming which, String why) {
        synchronized (this) {
            if (stream == null || incoming != which || clock.isShutdown()) {
                return;
            }
            stream = null;
        }
        LOG.log(up ? Logger.Level.INFO : Logger.Level.DEBUG, "link to " + controller + " is down: " + why);
        up = false;
        owner.lost();
        try {
            clock.schedule(this::connect, RECONNECT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed");
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        channel.shutdownNow();
    }

    private final class Incoming implements StreamObserver<I> {
        @Override
        public void onNext(I message) {
            up = true;
            owner.received(message);
        }

        @Override
        public void onError(Throwable problem) {
            lost(this, String.valueOf(problem.getMessage()));
        }

        @Override
        public void onCompleted() {
            lost(this, "the controller ended it");
        }
    }
}
