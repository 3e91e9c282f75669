// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.gateway.route.Verdict.Drain;
import dev.carovana.gateway.route.Verdict.Go;
import dev.carovana.gateway.route.Verdict.Refuse;
import dev.carovana.gateway.route.Verdict.Wait;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceCalls;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Unwanted;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * All calls of one user of one function pass here: it knows where they go, holds them while the instance moves, and
 * lets them go in the order in which they came.
 */
final class Gate {
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private final GateKey key;
    private final Surroundings around;
    private final TreeMap<Long, Pass> waiting = new TreeMap<>();
    private final Set<Pass> going = new HashSet<>();
    private final Hold hold;
    private final Activity activity = new Activity();
    private FunctionRoute function = FunctionRoute.getDefaultInstance();
    private @Nullable InstanceRoute route;
    private long lastOrder;
    private boolean releasing;
    private boolean closed;
    private long nextAsk = Long.MIN_VALUE;
    private Timers.@Nullable Alarm asking;
    private String excuse = "";

    Gate(GateKey key, Surroundings around) {
        this.key = key;
        this.around = around;
        this.hold = new Hold(around);
    }

    /** False if this gate is not used any more: another has taken its place. */
    boolean enter(Pass pass, @Nullable FunctionRoute current) {
        Verdict verdict;
        synchronized (this) {
            if (closed) {
                return false;
            }
            if (current != null) {
                function = current;
            }
            pass.gate = this;
            verdict = admit(pass);
        }
        tellNow(pass, verdict);
        return true;
    }

    private static void tellNow(Pass pass, Verdict verdict) {
        switch (verdict) {
            case Go go -> pass.call.go(go.route());
            case Refuse refuse -> pass.call.refused(refuse.why());
            case Wait wait -> {} // the gate keeps it
        }
    }

    /**
     * Once more, as it turned out differently than the route said.
     *
     * @param pause how long to wait for another route before trying this one again; zero to wait for nothing
     */
    void again(Pass pass, Duration pause) {
        Verdict verdict;
        synchronized (this) {
            forget(pass);
            if (!pause.isZero() && route != null && route == pass.route) {
                pass.avoided = route;
                pass.backoff = around.timers().after(pause, () -> backoffOver(pass));
            }
            verdict = admit(pass);
            settle();
        }
        tellNow(pass, verdict);
    }

    /** It is over, or the caller has gone. May be said twice. */
    synchronized void leave(Pass pass) {
        forget(pass);
        settle();
    }

    /** It turned out that the answer is a stream. */
    synchronized void streams(Pass pass) {
        pass.stream = true;
        if (pass.state == Pass.State.GOING && hold.drain() != Drain.NONE && !function.getStreamsWait()) {
            tell(pass, pass.call::endStream);
        }
    }

    private Verdict admit(Pass pass) {
        if (pass.order == 0) {
            pass.order = ++lastOrder;
        }
        Verdict verdict = Verdict.of(pass, route, drain(), around.limits().site());
        if (verdict instanceof Refuse) {
            return verdict;
        }
        if (waiting.size() + going.size() >= around.limits().userCalls()) {
            return new Refuse(new Refusal(429, "this user has too many calls at once", "UserCalls", 1, null));
        }
        if (verdict instanceof Go go && (waiting.isEmpty() || waiting.firstKey() > pass.order) && !releasing) {
            pass.route = go.route();
            begin(pass);
            return verdict;
        }
        return queue(pass, verdict instanceof Wait wait ? wait : Wait.QUEUED);
    }

    private Verdict queue(Pass pass, Wait why) {
        if (why == Wait.NO_ROUTE && !around.hub().isConnected()) {
            return new Refuse(
                    Refusal.later("the user has no instance yet and the controller cannot be asked", "NoHub"));
        }
        if (waiting.size() >= around.limits().holdCalls() || !around.room().enter(pass.bytes)) {
            return new Refuse(Refusal.later("too many calls wait", "TooManyWaiting"));
        }
        long now = around.timers().nanos();
        boolean starts = why == Wait.NO_ROUTE || why == Wait.STARTING;
        if (pass.firstWait == 0) {
            pass.firstWait = now;
        }
        pass.waitBegan = now;
        pass.state = Pass.State.WAITING;
        waiting.put(pass.order, pass);
        Duration budget =
                starts ? around.limits().startTimeout() : around.limits().holdTimeout();
        Duration left = budget.minusNanos(now - pass.firstWait);
        pass.timeout = around.timers().after(left.isNegative() ? Duration.ZERO : left, () -> timedOut(pass));
        if (why == Wait.HELD && route != null) {
            pass.countedHold = route.getHold();
            activity.held(route.getHold());
        }
        if (why == Wait.NO_ROUTE) {
            ask();
        }
        return why;
    }

    private void begin(Pass pass) {
        pass.state = Pass.State.GOING;
        going.add(pass);
        activity.called(around.timers().epochMillis());
    }

    private void forget(Pass pass) {
        if (pass.state == Pass.State.WAITING) {
            waiting.remove(pass.order);
            pass.waited += around.timers().nanos() - pass.waitBegan;
            around.room().leave(pass.bytes);
        } else if (pass.state == Pass.State.GOING) {
            going.remove(pass);
            activity.called(around.timers().epochMillis());
        }
        pass.cancelAlarms();
        pass.state = Pass.State.OUTSIDE;
    }

    private Drain drain() {
        return function.getRemote() ? Drain.NONE : hold.drain();
    }

    /** After anything that may let calls go, or end a drain. */
    private void settle() {
        if (route != null && going.isEmpty()) {
            hold.idle(route);
        }
        pump();
        if (route == null && waiting.isEmpty() && going.isEmpty() && !releasing) {
            closed = true;
            around.gone(key, this);
        }
    }

    /** Lets the first go if it may; the next follows when that has begun, so that order is kept across threads. */
    private void pump() {
        Iterator<Pass> all = waiting.values().iterator();
        boolean first = true;
        while (!releasing && all.hasNext()) {
            Pass pass = all.next();
            Verdict verdict = Verdict.of(pass, route, drain(), around.limits().site());
            if (verdict instanceof Refuse refuse) {
                refuse(pass, refuse.why());
                all = waiting.values().iterator();
                first = true;
                continue;
            }
            if (first && verdict instanceof Go go) {
                release(pass, go.route());
            } else if (verdict == Wait.NO_ROUTE) {
                ask();
                return;
            }
            first = false;
        }
    }

    private void release(Pass pass, InstanceRoute to) {
        forget(pass);
        pass.route = to;
        begin(pass);
        releasing = true;
        if (!tell(pass, () -> pass.call.go(to), this::released)) {
            forget(pass);
            releasing = false;
        }
    }

    private synchronized void released() {
        releasing = false;
        settle();
    }

    private void refuse(Pass pass, Refusal why) {
        forget(pass);
        tell(pass, () -> pass.call.refused(why));
    }

    private static boolean tell(Pass pass, Runnable what) {
        return tell(pass, what, () -> {});
    }

    private static boolean tell(Pass pass, Runnable what, Runnable then) {
        try {
            pass.call.executor().execute(() -> {
                try {
                    what.run();
                } finally {
                    then.run();
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            return false; // its event loop has ended, and the call with it
        }
    }

    private synchronized void timedOut(Pass pass) {
        if (pass.state == Pass.State.WAITING) {
            Verdict verdict = Verdict.of(pass, route, drain(), around.limits().site());
            refuse(pass, Excuses.of(verdict, excuse));
            settle();
        }
    }

    private synchronized void backoffOver(Pass pass) {
        pass.avoided = null;
        settle();
    }

    /** Says that there should be an instance: once a second while calls wait for one. */
    private void ask() {
        long now = around.timers().nanos();
        if (nextAsk == Long.MIN_VALUE || now - nextAsk >= 0) {
            nextAsk = now + ASK_AGAIN.toNanos();
            if (around.hub().isConnected()) {
                around.hub().want(key.namespace(), key.name(), key.user());
            }
        }
        if (asking == null) {
            asking = around.timers().after(Duration.ofNanos(nextAsk - now), this::askAgain);
        }
    }

    private synchronized void askAgain() {
        asking = null;
        settle();
    }

    /** Where the user's calls go from now on. False if this gate is not used any more. */
    synchronized boolean route(InstanceRoute told, @Nullable FunctionRoute current) {
        if (closed) {
            return false;
        }
        if (current != null) {
            function = current;
        }
        route = told;
        excuse = "";
        if (!function.getRemote() && !told.getHost().isEmpty()) {
            going.forEach(pass -> outdate(pass, told));
        }
        boolean begins = hold.told(told, going.isEmpty(), this::patienceOver);
        if (begins && !function.getRemote() && !function.getStreamsWait()) {
            going.stream().filter(pass -> pass.stream).forEach(pass -> tell(pass, pass.call::endStream));
        }
        settle();
        return true;
    }

    private static boolean isSamePod(InstanceRoute old, InstanceRoute told) {
        return old.getEpoch() == told.getEpoch() && old.getInstance().equals(told.getInstance());
    }

    private static void outdate(Pass pass, InstanceRoute told) {
        InstanceRoute used = pass.route;
        if (used != null && !isSamePod(used, told)) {
            tell(pass, pass.call::outdated);
        }
    }

    private synchronized void patienceOver() {
        hold.patienceOver();
        settle();
    }

    /** An instance is gone; another may have taken its place already. */
    synchronized void gone(String instance) {
        if (route != null && route.getInstance().equals(instance)) {
            route = null;
            hold.end();
            settle();
        }
    }

    synchronized void unwanted(Unwanted answer) {
        excuse = answer.getMessage();
        if (answer.getFinal() && route == null) {
            Refusal why = Excuses.of(answer);
            List.copyOf(waiting.values()).forEach(pass -> refuse(pass, why));
            settle();
        }
    }

    synchronized void functionGone() {
        Refusal why = Refusal.of(404, "there is no function " + key.function() + " any more", "NotFound");
        List.copyOf(waiting.values()).forEach(pass -> refuse(pass, why));
        settle();
    }

    /** What there is to say to the controller since it was asked last. */
    synchronized @Nullable InstanceCalls report() {
        if (route == null) {
            return null;
        }
        if (!going.isEmpty()) {
            activity.called(around.timers().epochMillis());
        }
        return activity.drain(route);
    }
}
