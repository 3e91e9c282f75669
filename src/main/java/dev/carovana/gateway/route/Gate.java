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
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All calls of one user of one function pass here: it knows where they go, holds them while the instance moves, and
 * lets them go in the order in which they came.
 */
final class Gate {
    private final GateKey key;
    private final Surroundings around;
    private final Queue waiting;
    private final Set<Pass> going = new HashSet<>();
    private final Hold hold;
    private final Asking asking;
    private final Activity activity = new Activity();
    private FunctionRoute function = FunctionRoute.getDefaultInstance();
    private @Nullable InstanceRoute route;
    private long lastOrder;
    private boolean releasing;
    private boolean closed;
    private String excuse = "";

    Gate(GateKey key, Surroundings around) {
        this.key = key;
        this.around = around;
        this.waiting = new Queue(around);
        this.hold = new Hold(around);
        this.asking = new Asking(around);
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
            if (!pause.isZero() && route != null && route.equals(pass.route)) {
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
            pass.tell(pass.call::endStream);
        }
    }

    private Verdict admit(Pass pass) {
        if (pass.order == 0) {
            pass.order = ++lastOrder;
        }
        Verdict verdict = verdict(pass);
        if (verdict instanceof Refuse) {
            return verdict;
        }
        if (waiting.size() + going.size() >= around.limits().userCalls()) {
            return new Refuse(new Refusal(429, "this user has too many calls at once", "UserCalls", 1, null));
        }
        if (verdict instanceof Go go && !waiting.isBefore(pass) && !releasing) {
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
        boolean starts = why == Wait.NO_ROUTE || why == Wait.STARTING;
        Duration budget =
                starts ? around.limits().startTimeout() : around.limits().holdTimeout();
        if (!waiting.add(pass, budget, this::timedOut)) {
            return new Refuse(Refusal.later("too many calls wait", "TooManyWaiting"));
        }
        if (why == Wait.HELD && route != null) {
            activity.held(route.getHold());
        }
        if (why == Wait.NO_ROUTE) {
            asking.ask(key, this::askAgain);
        }
        return why;
    }

    private void begin(Pass pass) {
        pass.state = Pass.State.GOING;
        going.add(pass);
        activity.called(around.timers().nanos());
    }

    private void forget(Pass pass) {
        if (pass.state == Pass.State.WAITING) {
            waiting.remove(pass);
        } else if (pass.state == Pass.State.GOING) {
            going.remove(pass);
            activity.called(around.timers().nanos());
        }
        pass.cancelAlarms();
        pass.state = Pass.State.OUTSIDE;
    }

    private Verdict verdict(Pass pass) {
        Drain drain = function.getRemote() ? Drain.NONE : hold.drain();
        return Verdict.of(pass, route, drain, around.limits().site());
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
        if (releasing || waiting.isEmpty()) {
            return;
        }
        boolean first = true;
        for (Pass pass : waiting.all()) {
            Verdict verdict = verdict(pass);
            if (verdict instanceof Refuse refuse) {
                refuse(pass, refuse.why());
            } else if (first && verdict instanceof Go go) {
                if (release(pass, go.route())) {
                    return;
                }
            } else if (verdict == Wait.NO_ROUTE) {
                asking.ask(key, this::askAgain);
                return;
            } else {
                first = false;
            }
        }
    }

    private boolean release(Pass pass, InstanceRoute to) {
        forget(pass);
        pass.route = to;
        begin(pass);
        releasing = pass.tell(() -> pass.call.go(to), this::released);
        if (!releasing) {
            forget(pass);
        }
        return releasing;
    }

    private synchronized void released() {
        releasing = false;
        settle();
    }

    private void refuse(Pass pass, Refusal why) {
        forget(pass);
        pass.tell(() -> pass.call.refused(why));
    }

    private synchronized void timedOut(Pass pass) {
        if (pass.state == Pass.State.WAITING) {
            refuse(pass, Excuses.of(verdict(pass), excuse));
            settle();
        }
    }

    private synchronized void backoffOver(Pass pass) {
        pass.avoided = null;
        settle();
    }

    private synchronized void askAgain() {
        asking.alarmed();
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
            going.stream().filter(pass -> pass.isOutdatedBy(told)).forEach(pass -> pass.tell(pass.call::outdated));
        }
        boolean begins = hold.told(told, going.isEmpty(), this::patienceOver);
        if (begins && !function.getRemote() && !function.getStreamsWait()) {
            going.stream().filter(pass -> pass.stream).forEach(pass -> pass.tell(pass.call::endStream));
        }
        settle();
        return true;
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
            refuseAll(Excuses.of(answer));
        }
    }

    synchronized void functionGone() {
        refuseAll(Refusal.of(404, "there is no function " + key.function() + " any more", "NotFound"));
    }

    private void refuseAll(Refusal why) {
        waiting.all().forEach(pass -> refuse(pass, why));
        settle();
    }

    /** What there is to say to the controller since it was asked last. */
    synchronized @Nullable InstanceCalls report() {
        if (route == null) {
            return null;
        }
        long now = around.timers().nanos();
        if (!going.isEmpty() || !waiting.isEmpty()) {
            activity.called(now);
        }
        return activity.drain(route, now);
    }
}
