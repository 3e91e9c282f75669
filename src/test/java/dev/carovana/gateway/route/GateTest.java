// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceCalls;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Unwanted;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final GateKey KEY = new GateKey("shop/cart", "ann");

    private final FakeTimers timers = new FakeTimers();
    private final FakeHub hub = new FakeHub();
    private final List<String> log = new ArrayList<>();
    private final Queue<Runnable> loop = new ArrayDeque<>();
    private Room room = new Room(1000, 1 << 20);
    private RouteTable routes;

    @BeforeEach
    void start() {
        begin(100, 1000);
    }

    private void begin(int holdCalls, int userCalls) {
        Limits limits = new Limits(
                "edge-a", Duration.ofSeconds(30), Duration.ofSeconds(20), Duration.ofSeconds(1), holdCalls, userCalls);
        routes = new RouteTable(limits, room, timers, () -> hub);
        routes.syncing();
        routes.function(FunctionRoute.newBuilder()
                .setNamespace("shop")
                .setName("cart")
                .setPort(8080)
                .build());
        routes.synced();
    }

    private static InstanceRoute.Builder route(String site, long epoch) {
        return InstanceRoute.newBuilder()
                .setNamespace("shop")
                .setInstance("cart-1")
                .setFunction("cart")
                .setUser("ann")
                .setSite(site)
                .setEpoch(epoch)
                .setHost("10.0.0." + epoch);
    }

    private void is(InstanceRoute.Builder route) {
        routes.instance(route.build());
        turn();
    }

    private void turn() {
        for (Runnable next = loop.poll(); next != null; next = loop.poll()) {
            next.run();
        }
    }

    private Pass call(String name) {
        return enter(Pass.ofUser(new FakeCall(name, log, loop::add), false, 10));
    }

    private Pass stream(String name) {
        return enter(Pass.ofUser(new FakeCall(name, log, loop::add), true, 0));
    }

    private Pass peer(String name, long epoch) {
        return enter(Pass.ofPeer(new FakeCall(name, log, loop::add), false, 0, "cart-1", epoch));
    }

    private Pass enter(Pass pass) {
        routes.enter(KEY, pass);
        turn();
        return pass;
    }

    private void pass(Duration time) {
        timers.pass(time);
        turn();
    }

    private static Refusal refusal(Pass pass) {
        return ((FakeCall) pass.call).refusal;
    }

    @Test
    void aCallGoesAtOnceWhereTheInstanceIs() {
        is(route("edge-a", 1));

        Pass call = call("one");

        assertThat(log).containsExactly("go one");
        assertThat(((FakeCall) call.call).route.getHost()).isEqualTo("10.0.0.1");
        assertThat(call.waitedNanos()).isZero();
        call.leave();
        assertThat(timers.pending()).isZero();
    }

    @Test
    void withoutAnInstanceOneIsWantedOnceASecond() {
        call("one");
        call("two");
        assertThat(hub.wants).containsExactly("shop/cart ann");

        pass(Duration.ofMillis(2500));

        assertThat(hub.wants).hasSize(3);
        assertThat(log).isEmpty();
        is(route("edge-a", 1).setHost(""));
        assertThat(log).isEmpty();
        is(route("edge-a", 1));
        assertThat(log).containsExactly("go one", "go two");
        pass(Duration.ofSeconds(5));
        assertThat(hub.wants).hasSize(3);
    }

    @Test
    void anInstanceThatDoesNotStartIsNotWaitedForForever() {
        call("one");

        pass(Duration.ofSeconds(20));

        assertThat(log).containsExactly("refused one 503 NotStarted");
        assertThat(routes.gates()).isZero();
        assertThat(room.waiting()).isZero();
    }

    @Test
    void withoutInstanceAndControllerACallIsRefusedAtOnce() {
        hub.connected = false;

        Pass call = call("one");

        assertThat(log).containsExactly("refused one 503 NoHub");
        assertThat(refusal(call).retryAfter()).isPositive();
    }

    @Test
    void theControllersRefusalIsPassedOn() {
        call("one");
        Unwanted.Builder answer =
                Unwanted.newBuilder().setNamespace("shop").setFunction("cart").setUser("ann");

        routes.unwanted(
                answer.setCode("SiteFull").setMessage("site edge-a is full").build());
        turn();
        assertThat(log).isEmpty();
        routes.unwanted(answer.setCode("UserLimit")
                .setMessage("ann has 3 instances")
                .setFinal(true)
                .build());
        turn();

        assertThat(log).containsExactly("refused one 429 UserLimit");
    }

    @Test
    void whatTheControllerSaidMeanwhileIsInTheRefusal() {
        Pass call = call("one");
        routes.unwanted(Unwanted.newBuilder()
                .setNamespace("shop")
                .setFunction("cart")
                .setUser("ann")
                .setMessage("site edge-a is full")
                .build());

        pass(Duration.ofSeconds(20));

        assertThat(refusal(call).detail()).contains("site edge-a is full");
    }

    @Test
    void anIdleInstanceIsHeldAtOnceAndItsCallsGoInOrder() {
        is(route("edge-a", 1));
        is(route("edge-a", 1).setHold("m-1"));
        assertThat(hub.drained).containsExactly("shop/cart-1 m-1");

        call("one");
        Pass two = call("two");
        call("three");
        assertThat(log).isEmpty();
        pass(Duration.ofMillis(300));
        is(route("edge-b", 2));

        assertThat(log).containsExactly("go one", "go two", "go three");
        assertThat(two.waitedNanos()).isEqualTo(Duration.ofMillis(300).toNanos());
        assertThat(((FakeCall) two.call).route.getSite()).isEqualTo("edge-b");
    }

    @Test
    void aNewCallDoesNotOvertakeThoseThatAreLetGo() {
        is(route("edge-a", 1).setHold("m-1"));
        call("one");
        call("two");

        routes.instance(route("edge-b", 2).build());
        routes.enter(KEY, Pass.ofUser(new FakeCall("three", log, loop::add), false, 0));
        turn();

        assertThat(log).containsExactly("go one", "go two", "go three");
    }

    @Test
    void aDrainWaitsForAGapAndLetsNewCallsPassMeanwhile() {
        is(route("edge-a", 1));
        Pass one = call("one");
        is(route("edge-a", 1).setHold("m-1"));
        Pass two = call("two");
        assertThat(log).containsExactly("go one", "go two");

        one.leave();
        assertThat(hub.drained).isEmpty();
        two.leave();

        assertThat(hub.drained).containsExactly("shop/cart-1 m-1");
        call("three");
        assertThat(log).hasSize(2);
    }

    @Test
    void withoutAGapNewCallsAreHeldAfterAWhile() {
        is(route("edge-a", 1));
        Pass one = call("one");
        is(route("edge-a", 1).setHold("m-1"));

        pass(Duration.ofSeconds(1));
        call("two");

        assertThat(log).containsExactly("go one");
        one.leave();
        assertThat(hub.drained).containsExactly("shop/cart-1 m-1");
        is(route("edge-a", 1));
        assertThat(log).containsExactly("go one", "go two");
    }

    @Test
    void aDrainIsToldAgainToAControllerThatComesBack() {
        is(route("edge-a", 1).setHold("m-1"));

        routes.syncing();
        is(route("edge-a", 1).setHold("m-1"));
        routes.synced();

        assertThat(hub.drained).containsExactly("shop/cart-1 m-1", "shop/cart-1 m-1");
    }

    @Test
    void streamsEndWhenTheInstanceMovesUnlessTheFunctionWantsToWait() {
        is(route("edge-a", 1));
        stream("one");
        Pass two = call("two");
        is(route("edge-a", 1).setHold("m-1"));
        assertThat(log).containsExactly("go one", "go two", "end one");

        two.streams();
        turn();
        assertThat(log).endsWith("end two");
        stream("three");
        assertThat(log).endsWith("end two");
    }

    @Test
    void streamsAreWaitedForIfTheFunctionWantsIt() {
        routes.function(FunctionRoute.newBuilder()
                .setNamespace("shop")
                .setName("cart")
                .setStreamsWait(true)
                .build());
        is(route("edge-a", 1));
        Pass one = stream("one");

        is(route("edge-a", 1).setHold("m-1"));

        assertThat(log).containsExactly("go one");
        one.leave();
        assertThat(hub.drained).hasSize(1);
    }

    @Test
    void whatWaitsIsBounded() {
        begin(2, 1000);
        is(route("edge-a", 1).setHold("m-1"));

        call("one");
        call("two");
        Pass three = call("three");

        assertThat(log).containsExactly("refused three 503 TooManyWaiting");
        assertThat(refusal(three).retryAfter()).isEqualTo(1);
    }

    @Test
    void whatWaitsIsBoundedForAllUsersTogether() {
        room = new Room(10, 25);
        begin(100, 1000);
        is(route("edge-a", 1).setHold("m-1"));

        Pass one = call("one");
        call("two");
        call("three");
        assertThat(log).containsExactly("refused three 503 TooManyWaiting");

        one.leave();
        call("four");
        assertThat(log).hasSize(1);
        assertThat(room.waiting()).isEqualTo(2);
    }

    @Test
    void aUserHasSoManyCallsAtOnce() {
        begin(100, 2);
        is(route("edge-a", 1));
        call("one");
        Pass two = call("two");

        call("three");
        two.leave();
        call("four");

        assertThat(log).containsExactly("go one", "go two", "refused three 429 UserCalls", "go four");
    }

    @Test
    void aHoldEndsForACallerWhenItTakesTooLong() {
        is(route("edge-a", 1).setHold("m-1"));
        call("one");

        pass(Duration.ofSeconds(30));

        assertThat(log).containsExactly("refused one 503 HoldTimeout");
    }

    @Test
    void whoGoesAwayLeavesTheQueue() {
        is(route("edge-a", 1).setHold("m-1"));
        Pass one = call("one");
        call("two");

        one.leave();
        is(route("edge-a", 1));

        assertThat(log).containsExactly("go two");
        assertThat(room.waiting()).isZero();
    }

    @Test
    void anotherGatewaysCallIsNotHeldHereButSentBack() {
        is(route("edge-a", 3).setHold("m-1"));

        Pass call = peer("one", 3);

        assertThat(log).containsExactly("refused one 421 StaleRoute");
        assertThat(refusal(call).stale()).isEqualTo(3);
    }

    @Test
    void anotherGatewaysCallForAnOldPodIsSentBack() {
        is(route("edge-a", 3));

        assertThat(refusal(peer("one", 2)).stale()).isEqualTo(3);
        is(route("edge-b", 4));
        assertThat(refusal(peer("two", 3)).stale()).isEqualTo(4);
        assertThat(refusal(peer("three", 4)).stale()).isEqualTo(4);
    }

    @Test
    void anotherGatewaysCallForALaterPodWaitsUntilThatIsKnownHere() {
        is(route("edge-b", 2));
        peer("one", 3);
        assertThat(log).isEmpty();

        is(route("edge-a", 3));

        assertThat(log).containsExactly("go one");
        peer("two", 4);
        pass(Duration.ofSeconds(30));
        assertThat(log).endsWith("refused two 503 NoRoute");
    }

    @Test
    void anotherGatewaysCallForAnotherInstanceIsSentBack() {
        is(route("edge-a", 3));

        Pass call = enter(Pass.ofPeer(new FakeCall("one", log, loop::add), false, 0, "cart-2", 3));

        assertThat(refusal(call).stale()).isZero();
    }

    @Test
    void whatWasSentInVainWaitsForAnotherRouteOrAWhileAndKeepsItsPlace() {
        is(route("edge-a", 1));
        Pass one = call("one");

        one.again(Duration.ofMillis(50));
        call("two");
        assertThat(log).containsExactly("go one");
        pass(Duration.ofMillis(50));
        assertThat(log).containsExactly("go one", "go one", "go two");

        one.again(Duration.ofMillis(50));
        is(route("edge-b", 2));
        assertThat(log).endsWith("go one");
        assertThat(one.waitedNanos()).isEqualTo(Duration.ofMillis(50).toNanos());
    }

    @Test
    void callsOfAPodThatIsNotTheInstanceAnyMoreAreTold() {
        is(route("edge-a", 1));
        call("one");

        is(route("edge-b", 2).setHost(""));
        assertThat(log).containsExactly("go one");
        is(route("edge-b", 2));

        assertThat(log).containsExactly("go one", "outdated one");
    }

    @Test
    void aGateWithoutRouteAndCallsIsForgotten() {
        is(route("edge-a", 1));
        assertThat(routes.gates()).isOne();
        Pass one = call("one");
        routes.instanceGone("shop", "cart-1");
        assertThat(routes.gates()).isOne();

        one.leave();

        assertThat(routes.gates()).isZero();
        call("two");
        is(route("edge-a", 5));
        assertThat(log).containsExactly("go one", "go two");
    }

    @Test
    void whatIsNotToldAgainIsGone() {
        is(route("edge-a", 1));

        routes.syncing();
        assertThat(routes.function("shop/cart")).isNotNull();
        call("one");
        routes.synced();

        assertThat(log).containsExactly("go one");
        assertThat(routes.function("shop/cart")).isNull();
    }

    @Test
    void theControllerIsToldOfCallsOnce() {
        is(route("edge-a", 1));
        Pass one = call("one");
        one.leave();
        pass(Duration.ofSeconds(5));
        is(route("edge-a", 1).setHold("m-1"));

        List<InstanceCalls> calls = new CallLog(routes).drain();

        assertThat(calls).hasSize(1);
        assertThat(calls.getFirst().getLastCallAgeMillis()).isEqualTo(5000);
        assertThat(new CallLog(routes).drain()).isEmpty();
    }

    @Test
    void aCallThatWaitsIsToldOfAndKeepsItsInstanceInUse() {
        is(route("edge-a", 1).setHold("m-1"));
        call("two");

        pass(Duration.ofSeconds(5));
        List<InstanceCalls> calls = new CallLog(routes).drain();

        assertThat(calls.getFirst().getLastCallAgeMillis()).isZero();
        assertThat(calls.getFirst().getHeld(0).getHold()).isEqualTo("m-1");
        assertThat(calls.getFirst().getHeld(0).getCalls()).isOne();
        assertThat(new CallLog(routes).drain().getFirst().getHeldList())
                .as("told once")
                .isEmpty();
    }

    @Test
    void aCallThatIsUnderWayKeepsItsInstanceInUse() {
        is(route("edge-a", 1));
        call("one");
        CallLog calls = new CallLog(routes);
        calls.drain();

        pass(Duration.ofMinutes(5));

        assertThat(calls.drain().getFirst().hasLastCallAgeMillis()).isTrue();
        assertThat(calls.drain().getFirst().getLastCallAgeMillis()).isZero();
    }

    @Test
    void copiesAreNeverHeld() {
        routes.function(FunctionRoute.newBuilder()
                .setNamespace("shop")
                .setName("cart")
                .setRemote(true)
                .build());
        is(route("edge-a", 1).setHold("m-1"));

        call("one");
        is(route("edge-a", 2));

        assertThat(log).containsExactly("go one");
    }
}
