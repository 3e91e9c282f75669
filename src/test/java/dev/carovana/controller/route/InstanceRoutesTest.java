// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.controller.Move;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InstanceRoutesTest {
    private static FunctionInstance instance(Phase phase, long epoch, String address) {
        return instance(phase, epoch, address, null);
    }

    private static FunctionInstance instance(Phase phase, long epoch, String address, String siteAddress) {
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withNamespace("functions")
                .withName("cart-1")
                .build());
        instance.setSpec(new FunctionInstanceSpec(new FunctionRef("apps/v1", "Deployment", "cart"), "alice", "edge-b"));
        instance.setStatus(new FunctionInstanceStatus(
                1L,
                phase,
                "edge-a",
                null,
                "cart-1-" + epoch,
                "uid",
                epoch,
                null,
                address,
                siteAddress,
                "cart-1-2",
                null,
                null));
        return instance;
    }

    private static Move move(MigrationPhase phase) {
        return new Move("m", "functions", "cart-1-2", "cart-1", "edge-b", 2, "cart-1-2", phase);
    }

    private static InstanceRoute route(FunctionInstance instance, MigrationPhase phase, Word word) {
        return InstanceRoutes.of(instance, Optional.of(move(phase)), m -> word, m -> "10.103.0.2", null);
    }

    private static InstanceRoute moving(MigrationPhase phase, Word word) {
        return route(instance(Phase.Migrating, 1, "10.102.0.1"), phase, word);
    }

    private static String where(InstanceRoute route) {
        return route.getSite() + " " + route.getEpoch() + " " + route.getHost() + " " + route.getHold();
    }

    @Test
    void anInstanceIsCalledWhereItsStatusSays() {
        InstanceRoute route = InstanceRoutes.of(
                instance(Phase.Running, 1, "10.102.0.1"), Optional.empty(), m -> Word.NONE, m -> "", null);

        assertThat(route.getNamespace()).isEqualTo("functions");
        assertThat(route.getInstance()).isEqualTo("cart-1");
        assertThat(route.getFunction()).isEqualTo("cart");
        assertThat(route.getUser()).isEqualTo("alice");
        assertThat(where(route)).isEqualTo("edge-a 1 10.102.0.1 ");
    }

    /** What the hub sees may be a stranger's address at the pod's site. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, 10.102.0.1", // older agents
                "-, 10.244.1.5, 10.244.1.5", // known, and the agents are away
                "'', 10.244.1.5, 10.244.1.5",
                "'', -, ''", // not known yet
                "10.244.1.5, -, 10.244.1.5",
                "10.244.1.6, 10.244.1.5, 10.244.1.6", // it has changed just now
            })
    void thePodIsCalledAtTheAddressThatItHasAtItsSite(String told, String siteAddress, String host) {
        FunctionInstance instance = instance(Phase.Running, 1, "10.102.0.1", siteAddress);

        assertThat(InstanceRoutes.of(instance, Optional.empty(), m -> Word.NONE, m -> "", told)
                        .getHost())
                .isEqualTo(host);
    }

    /** Liqo may be told to show none to the hub. */
    @Test
    void anAddressThatTheHubDoesNotSeeIsEnough() {
        FunctionInstance hidden = instance(Phase.Running, 1, null, "10.244.1.5");

        assertThat(InstanceRoutes.of(hidden, Optional.empty(), m -> Word.NONE, m -> "", "10.244.1.5")
                        .getHost())
                .isEqualTo("10.244.1.5");
    }

    /** Nor when its agent still sees the pod. */
    @Test
    void oneThatEndsHasNoAddressAndIsNotCalled() {
        FunctionInstance ending = instance(Phase.Running, 1, null);

        assertThat(InstanceRoutes.of(ending, Optional.empty(), m -> Word.NONE, m -> "", "10.244.1.5")
                        .getHost())
                .isEmpty();
    }

    @Test
    void oneThatIsNotReadyOrEndsIsNotCalled() {
        assertThat(InstanceRoutes.of(
                                instance(Phase.Starting, 1, "10.102.0.1"),
                                Optional.empty(),
                                m -> Word.NONE,
                                m -> "",
                                null)
                        .getHost())
                .isEmpty();
        assertThat(InstanceRoutes.of(instance(Phase.Pending, 1, null), Optional.empty(), m -> Word.NONE, m -> "", null)
                        .getHost())
                .isEmpty();
        FunctionInstance ending = instance(Phase.Running, 1, "10.102.0.1");
        ending.getMetadata().setDeletionTimestamp("2026-11-24T10:00:00Z");
        assertThat(InstanceRoutes.of(ending, Optional.empty(), m -> Word.NONE, m -> "", null)
                        .getHost())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Pending, ''",
        "Preparing, ''",
        "PreCopying, ''",
        "Draining, m",
        "Handover, m",
        "Restoring, m",
        "InDoubt, m",
    })
    void callsWaitFromTheDrainOn(MigrationPhase phase, String hold) {
        assertThat(where(moving(phase, Word.NONE))).isEqualTo("edge-a 1 10.102.0.1 " + hold);
    }

    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            names = {"Handover", "Restoring", "InDoubt"})
    void theDestinationsWordSendsThemThere(MigrationPhase phase) {
        assertThat(where(moving(phase, Word.RESTORED))).isEqualTo("edge-b 2 10.103.0.2 ");
    }

    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            names = {"Draining", "Handover", "Restoring", "InDoubt"})
    void theSourcesWordSendsThemBack(MigrationPhase phase) {
        assertThat(where(moving(phase, Word.THAWED))).isEqualTo("edge-a 1 10.102.0.1 ");
    }

    /** Written, but the instance's status is not, or not seen yet; nobody's word is known after a restart. */
    @Test
    void aMigrationThatHasSucceededIsBelieved() {
        assertThat(where(moving(MigrationPhase.Succeeded, Word.NONE))).isEqualTo("edge-b 2 10.103.0.2 ");
    }

    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            names = {"RolledBack", "Aborted"})
    void afterAFailureItIsWhereItWas(MigrationPhase phase) {
        assertThat(where(moving(phase, Word.NONE))).isEqualTo("edge-a 1 10.102.0.1 ");
    }

    @Test
    void whatBothEndsHaveLostIsNotCalled() {
        assertThat(where(moving(MigrationPhase.Failed, Word.NONE))).isEqualTo("edge-a 1  ");
    }

    /** The two were listed at different times: the instance has the destination's epoch, so the move is over. */
    @Test
    void anInstanceThatWasSwitchedIsNotHeldByAnOldViewOfItsMove() {
        FunctionInstance there = instance(Phase.Running, 2, "10.103.0.2");

        assertThat(where(route(there, MigrationPhase.Restoring, Word.NONE))).isEqualTo("edge-a 2 10.103.0.2 ");
    }
}
