// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.link.v1.InstanceRoute;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** A call's standing at its gate. Everything that changes is guarded by the gate. */
public final class Pass {
    /** From a user, not from another gateway. */
    public static final long NO_EPOCH = -1;

    enum State {
        OUTSIDE,
        WAITING,
        GOING
    }

    final Call call;
    final long bytes;
    final long peerEpoch;
    final String peerInstance;
    boolean stream;

    State state = State.OUTSIDE;
    volatile @Nullable Gate gate;
    long order;

    @Nullable
    InstanceRoute route;

    @Nullable
    InstanceRoute avoided;

    Timers.@Nullable Alarm timeout;
    Timers.@Nullable Alarm backoff;
    long firstWait;
    long waitBegan;
    long waited;

    @Nullable
    String countedHold;

    private Pass(Call call, boolean stream, long bytes, long peerEpoch, String peerInstance) {
        this.call = call;
        this.stream = stream;
        this.bytes = bytes;
        this.peerEpoch = peerEpoch;
        this.peerInstance = peerInstance;
    }

    /**
     * @param stream whether it is likely to last
     * @param bytes of the body, 0 if it does not say
     */
    public static Pass ofUser(Call call, boolean stream, long bytes) {
        return new Pass(call, stream, bytes, NO_EPOCH, "");
    }

    /** @param epoch of the route by which the other gateway sent the call here */
    public static Pass ofPeer(Call call, boolean stream, long bytes, String instance, long epoch) {
        return new Pass(call, stream, bytes, epoch, instance);
    }

    boolean isOfPeer() {
        return peerEpoch != NO_EPOCH;
    }

    /** How long it has waited so far, in nanoseconds: to be asked while it goes. */
    public long waitedNanos() {
        return waited;
    }

    /** Where it went last. */
    public @Nullable InstanceRoute route() {
        return route;
    }

    public boolean isStream() {
        return stream;
    }

    /** See {@link Gate#again}. */
    public void again(Duration pause) {
        Gate entered = gate;
        if (entered != null) {
            entered.again(this, pause);
        }
    }

    /** It is over, or the caller has gone. May be said twice. */
    public void leave() {
        Gate entered = gate;
        if (entered != null) {
            entered.leave(this);
        }
    }

    /** It turned out that the answer is a stream. */
    public void streams() {
        Gate entered = gate;
        if (entered != null) {
            entered.streams(this);
        }
    }

    void waits(long now) {
        if (firstWait == 0) {
            firstWait = now;
        }
        waitBegan = now;
        state = State.WAITING;
    }

    void waitEnds(long now) {
        waited += now - waitBegan;
    }

    /** Whether it went to a pod that is not the instance any more. */
    boolean isOutdatedBy(InstanceRoute told) {
        InstanceRoute used = route;
        return used != null
                && (used.getEpoch() != told.getEpoch() || !used.getInstance().equals(told.getInstance()));
    }

    void tell(Runnable what) {
        tell(what, () -> {});
    }

    /** On the call's own thread; false if that has ended, and the call with it. */
    boolean tell(Runnable what, Runnable then) {
        try {
            call.executor().execute(() -> {
                try {
                    what.run();
                } finally {
                    then.run();
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    void cancelAlarms() {
        if (timeout != null) {
            timeout.cancel();
            timeout = null;
        }
        if (backoff != null) {
            backoff.cancel();
            backoff = null;
        }
    }
}
