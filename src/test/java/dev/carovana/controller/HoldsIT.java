// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.controller.FakeGateway.Heard;
import dev.carovana.link.v1.Held;
import dev.carovana.link.v1.InstanceCalls;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import dev.carovana.model.MigrationPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls wait while an instance moves, and go on wherever it runs: gateways on real links. */
@OnControllerBed
class HoldsIT {
    private static final Predicate<InstanceRoute> HELD =
            route -> !route.getHold().isEmpty();
    private static final Predicate<InstanceRoute> FREE = HELD.negate();

    private final ControllerBed bed;

    HoldsIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
    }

    @AfterEach
    void atMostOneCopyExecuted() {
        assertThat(bed.sites().copies().violations()).isEmpty();
    }

    private String uid(String migration) {
        return bed.migration(migration).getMetadata().getUid();
    }

    private boolean isToldToHandOver(String migration) {
        return bed.sites().agent("edge-a").heard().contains(ToAgent.BodyCase.HANDOVER + " " + uid(migration));
    }

    /** Every route is at least as new as the one before, and a hold that was taken away does not come back. */
    private static void goesForward(List<Heard> heard) {
        assertThat(heard).extracting(h -> h.route().getEpoch()).isSorted();
        List<String> holds = heard.stream().map(h -> h.route().getHold()).toList();
        for (int i = 1; i < holds.size(); i++) {
            if (!holds.get(i).isEmpty()) {
                assertThat(holds.subList(0, i).lastIndexOf(holds.get(i)))
                        .as("hold %d of %s", i, holds)
                        .isIn(-1, i - 1);
            }
        }
    }

    @Test
    void callsAreHeldBeforeTheHandoverAndGoOnBeforeAnyStatusSaysSo() {
        bed.running("held");
        FakeGateway here = bed.gateways().add("edge-a", "one").busy();
        FakeGateway there = bed.gateways().add("edge-b", "two");

        bed.wish("held", "edge-b");
        InstanceRoute held = here.awaitRoute("held", HELD);
        assertThat(held.getHold()).isEqualTo(uid("held-2"));
        assertThat(held.getSite()).isEqualTo("edge-a");
        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(5)).until(() -> !isToldToHandOver("held-2"));
        assertThat(bed.migration("held-2").getStatus().phase()).isEqualTo(MigrationPhase.Draining);
        try (RefusedPhase refused = bed.refuse("held-2", MigrationPhase.Succeeded)) {
            here.calm();
            here.awaitRoute("held", FREE);
            there.awaitRoute("held", FREE);
            assertThat(bed.migration("held-2").getStatus().phase())
                    .isIn(MigrationPhase.Handover, MigrationPhase.Restoring);
        }
        MigrationStatus moved = bed.awaitSettled("held-2");

        assertThat(moved.phase()).isEqualTo(MigrationPhase.Succeeded);
        String address = bed.pod("held-2").getStatus().getPodIP();
        for (FakeGateway gateway : List.of(here, there)) {
            InstanceRoute last = gateway.route("held");
            assertThat(last.getSite()).isEqualTo("edge-b");
            assertThat(last.getEpoch()).isEqualTo(2);
            assertThat(last.getHost()).isEqualTo(address);
            assertThat(last.getHold()).isEmpty();
            goesForward(gateway.heard("held"));
        }
    }

    /** What calls wait for beside the freeze: from the last gateway's word to the order, and from RESTORED to the route. */
    @Test
    void theHubAddsLittleToThePause() {
        bed.running("quick");
        FakeGateway gateway = bed.gateways().add("edge-a", "one");
        bed.wish("quick", "edge-b");
        bed.awaitSettled("quick-2"); // gateways of an earlier test are waited for
        List<Long> added = new ArrayList<>();
        for (int epoch = 3; epoch < 12; epoch++) {
            String from = epoch % 2 == 1 ? "edge-b" : "edge-a";
            String to = epoch % 2 == 1 ? "edge-a" : "edge-b";
            bed.wish("quick", to);
            bed.awaitSettled("quick-" + epoch);
            String uid = uid("quick-" + epoch);
            long there = epoch;
            Instant released = gateway.heard("quick").stream()
                    .filter(h -> h.route().getEpoch() == there)
                    .findFirst()
                    .orElseThrow()
                    .at();
            Duration before = Duration.between(
                    gateway.drainedAt(uid), bed.sites().agent(from).saidAt(Step.FREEZING, uid));
            Duration after = Duration.between(bed.sites().agent(to).saidAt(Step.RESTORED, uid), released);
            added.add(before.plus(after).toMillis());
        }

        // half of what is wanted of the whole pause on a machine with nothing else to do; others test here too
        assertThat(added.stream().sorted().toList().get(added.size() / 2)).isLessThan(500);
    }

    @Test
    void callsGoOnAtTheSourceWhenItThawsBeforeAnyStatusSaysSo() {
        bed.running("thawed");
        FakeGateway gateway = bed.gateways().add("edge-a", "one").busy();
        bed.sites().agent("edge-a").failAt(Step.DUMPED, "DumpFailed");

        bed.wish("thawed", "edge-b");
        gateway.awaitRoute("thawed", HELD);
        try (RefusedPhase refused = bed.refuse("thawed-2", MigrationPhase.RolledBack)) {
            gateway.calm();
            gateway.awaitRoute("thawed", FREE);
            assertThat(bed.migration("thawed-2").getStatus().phase()).isEqualTo(MigrationPhase.Handover);
        }
        MigrationStatus status = bed.awaitSettled("thawed-2");

        assertThat(status.phase()).isEqualTo(MigrationPhase.RolledBack);
        InstanceRoute last = gateway.route("thawed");
        assertThat(last.getSite()).isEqualTo("edge-a");
        assertThat(last.getEpoch()).isEqualTo(1);
        assertThat(last.getHost()).isEqualTo(bed.pod("thawed-1").getStatus().getPodIP());
        goesForward(gateway.heard("thawed"));
    }

    @Test
    void aCallWithoutAnEndLetsTheMoveWaitForAnotherTime() {
        bed.running("endless");
        FakeGateway gateway = bed.gateways().add("edge-b", "slow").busy();

        bed.wish("endless", "edge-b");
        MigrationStatus status = bed.awaitSettled("endless-2");

        assertThat(status.reason()).isEqualTo("DrainTimeout");
        assertThat(status.message()).contains("12 s", "gateway slow of site edge-b");
        assertThat(gateway.awaitRoute("endless", FREE).getEpoch()).isEqualTo(1);
        bed.awaitInstance("endless", i -> isRunningAt(i, "edge-a"));
        assertThat(bed.sites().copies().of("endless")).containsExactly("endless-1");
    }

    @Test
    void theHandoverWaitsForEveryGateway() {
        bed.running("both");
        FakeGateway quick = bed.gateways().add("edge-a", "quick");
        FakeGateway slow = bed.gateways().add("edge-a", "slow").busy();

        bed.wish("both", "edge-b");
        quick.awaitRoute("both", HELD);
        slow.awaitRoute("both", HELD);
        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(5)).until(() -> !isToldToHandOver("both-2"));
        slow.calm();

        assertThat(bed.awaitSettled("both-2").phase()).isEqualTo(MigrationPhase.Succeeded);
    }

    @Test
    void aGatewayThatGoesAwayIsNotWaitedForForever() {
        bed.running("left");
        bed.gateways().add("edge-a", "stays");
        FakeGateway dies = bed.gateways().add("edge-a", "dies").busy();

        bed.wish("left", "edge-b");
        dies.awaitRoute("left", HELD);
        dies.close();

        assertThat(bed.awaitSettled("left-2").phase()).isEqualTo(MigrationPhase.Succeeded);
    }

    /** R8: what a gateway is told by the next controller has the hold from the beginning. */
    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            names = {"Draining", "Handover", "Restoring"})
    void theNextControllerHoldsToo(MigrationPhase phase) {
        String name = "again-" + phase.name().toLowerCase(java.util.Locale.ROOT);
        bed.running(name);
        FakeGateway gateway = bed.gateways().add("edge-a", "one");
        Gate gate =
                switch (phase) {
                    case Draining -> {
                        gateway.busy();
                        yield new Gate();
                    }
                    case Handover -> bed.sites().agent("edge-a").stopBefore(Step.FROZEN);
                    default -> bed.sites().agent("edge-b").stopBefore(Step.RESTORED);
                };
        bed.wish(name, "edge-b");
        bed.awaitMigration(name + "-2", s -> s.phase() == phase);
        gateway.awaitRoute(name, HELD);

        bed.controller().kill();
        bed.controller().start();

        InstanceRoute told = gateway.awaitSynced(2).get(name);
        assertThat(told.getHold()).isEqualTo(uid(name + "-2"));
        assertThat(told.getEpoch()).isEqualTo(1);
        gate.open();
        gateway.calm();
        assertThat(bed.awaitSettled(name + "-2").phase()).isEqualTo(MigrationPhase.Succeeded);
        InstanceRoute last = gateway.awaitRoute(name, FREE);
        assertThat(last.getEpoch()).isEqualTo(2);
        assertThat(last.getHost()).isEqualTo(bed.pod(name + "-2").getStatus().getPodIP());
        goesForward(gateway.heard(name));
    }

    @Test
    void tellsHowManyCallsHaveWaitedAlsoWhenItIsOver() {
        bed.running("counted");
        FakeGateway one = bed.gateways().add("edge-a", "one");
        FakeGateway two = bed.gateways().add("edge-b", "two");
        bed.wish("counted", "edge-b");
        bed.awaitSettled("counted-2");

        Held.Builder held = Held.newBuilder().setHold(uid("counted-2"));
        one.calls(InstanceCalls.newBuilder().setInstance("counted").addHeld(held.setCalls(3)));
        two.calls(InstanceCalls.newBuilder().setInstance("counted").addHeld(held.setCalls(4)));

        bed.awaitMigration("counted-2", s -> Integer.valueOf(7).equals(s.requestsHeld()));
    }
}
