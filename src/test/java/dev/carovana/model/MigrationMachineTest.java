// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static dev.carovana.model.MigrationPhase.Aborted;
import static dev.carovana.model.MigrationPhase.Draining;
import static dev.carovana.model.MigrationPhase.Failed;
import static dev.carovana.model.MigrationPhase.Handover;
import static dev.carovana.model.MigrationPhase.InDoubt;
import static dev.carovana.model.MigrationPhase.Pending;
import static dev.carovana.model.MigrationPhase.PreCopying;
import static dev.carovana.model.MigrationPhase.Preparing;
import static dev.carovana.model.MigrationPhase.Restoring;
import static dev.carovana.model.MigrationPhase.RolledBack;
import static dev.carovana.model.MigrationPhase.Succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.model.MigrationObservation.Decision;
import dev.carovana.model.MigrationObservation.PodState;
import dev.carovana.model.MigrationStep.Effect;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

class MigrationMachineTest {
    private static final Instant SINCE = Instant.parse("2026-11-24T10:00:00Z");
    private static final Reason WHY = new Reason("Why", "because");
    private static final MigrationTimeouts TIMEOUTS = new MigrationTimeouts(
            Duration.ofSeconds(100),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(50),
            Duration.ofSeconds(20));
    private static final Set<MigrationPhase> BEFORE_HANDOVER = EnumSet.of(Preparing, PreCopying, Draining);

    private final MigrationMachine machine = new MigrationMachine(TIMEOUTS);

    private MigrationStep next(MigrationPhase phase, Seen seen) {
        return next(phase, seen, Duration.ofSeconds(1));
    }

    private MigrationStep next(MigrationPhase phase, Seen seen, Duration later) {
        return machine.next(new MigrationMachine.State(phase, SINCE, null), seen.now(), SINCE.plus(later));
    }

    static Stream<Arguments> theWay() {
        return Stream.of(
                way(Pending, Seen.nothing(), Preparing),
                way(Preparing, Seen.nothing(), Preparing, Effect.RUN_PREFLIGHT),
                way(
                        Preparing,
                        Seen.nothing().preflight(),
                        Preparing,
                        Effect.CREATE_DESTINATION_POD,
                        Effect.PREPARE_DESTINATION),
                way(Preparing, Seen.passed(), Preparing, Effect.PREPARE_DESTINATION),
                way(Preparing, Seen.passed().destination(DestinationStep.EXPECTING), Preparing),
                way(Preparing, Seen.passed().destination(DestinationStep.HELD), PreCopying),
                way(PreCopying, Seen.passed().destination(DestinationStep.HELD), PreCopying, Effect.PRE_COPY),
                way(PreCopying, Seen.passed().source(SourceStep.PRECOPYING), PreCopying),
                way(PreCopying, Seen.passed().source(SourceStep.PRECOPIED), Draining),
                way(Draining, Seen.passed().source(SourceStep.PRECOPIED).inFlight(), Draining, Effect.DRAIN),
                way(Draining, Seen.passed().source(SourceStep.PRECOPIED), Handover, Effect.HAND_OVER),
                way(Handover, Seen.passed().source(SourceStep.PRECOPIED), Handover, Effect.HAND_OVER),
                way(Handover, Seen.passed().source(SourceStep.PRECOPYING), Handover),
                way(Draining, Seen.passed().destination(DestinationStep.HELD).inFlight(), Draining, Effect.DRAIN),
                // the order comes with the phase: calls wait meanwhile
                // from the handover only the source's agent leads back
                way(Draining, Seen.passed().destination(DestinationStep.HELD), Draining, Effect.DRAIN),
                way(Handover, Seen.passed().destination(DestinationStep.HELD), Handover, Effect.HAND_OVER),
                way(Handover, Seen.passed().source(SourceStep.FROZEN), Handover),
                way(Handover, Seen.passed().source(SourceStep.END_SENT), Restoring),
                way(Handover, Seen.passed().source(SourceStep.RELEASED), Restoring),
                // its word may come before the source's
                way(Handover, Seen.passed().destination(DestinationStep.RESTORED), Restoring),
                way(Restoring, Seen.passed().source(SourceStep.END_SENT), Restoring),
                way(
                        Restoring,
                        Seen.passed().destination(DestinationStep.RESTORED),
                        Succeeded,
                        Effect.TELL_SOURCE_RESTORED,
                        Effect.SWITCH_ROUTE),
                way(
                        Succeeded,
                        Seen.passed(),
                        Succeeded,
                        Effect.TELL_SOURCE_RESTORED,
                        Effect.SWITCH_ROUTE,
                        Effect.DELETE_SOURCE_POD),
                way(Succeeded, Seen.passed().sourcePodGone(), Succeeded, Effect.SWITCH_ROUTE, Effect.FINISH));
    }

    private static Arguments way(MigrationPhase from, Seen seen, MigrationPhase to, Effect... effects) {
        return Arguments.of(from, seen, to, Set.of(effects));
    }

    @ParameterizedTest(name = "{index}: {0} to {2} with {3}")
    @MethodSource("theWay")
    void goesTheWholeWay(MigrationPhase from, Seen seen, MigrationPhase to, Set<Effect> effects) {
        MigrationStep step = next(from, seen);

        assertThat(step.phase()).isEqualTo(to);
        assertThat(step.effects()).containsExactlyInAnyOrderElementsOf(effects);
        assertThat(step.reason()).isNull();
    }

    @Test
    void refusesWithEveryReasonOfPreflight() {
        MigrationStep step =
                next(Preparing, Seen.nothing().preflight(new Reason("Tty", "first"), new Reason("HostPath", "second")));

        assertThat(step.phase()).isEqualTo(RolledBack);
        assertThat(step.reason()).isEqualTo(new Reason("PreflightTty", "first; second"));
        assertThat(step.effects()).isEmpty();
    }

    /** R2: whatever goes wrong before the handover, the source runs on. */
    static Stream<Arguments> failuresBefore() {
        return BEFORE_HANDOVER.stream()
                .flatMap(phase -> Stream.of(
                        Arguments.of(phase, Seen.passed().abort(), Aborted, "Aborted"),
                        Arguments.of(phase, Seen.passed().sourcePodGone(), RolledBack, "SourcePodGone"),
                        Arguments.of(phase, Seen.passed().broken(WHY), RolledBack, "Why"),
                        Arguments.of(phase, Seen.passed().source(SourceStep.THAWED, WHY), RolledBack, "Why"),
                        Arguments.of(
                                phase,
                                Seen.passed().source(SourceStep.THAWED, WHY).abort(),
                                Aborted,
                                "Aborted"),
                        Arguments.of(phase, Seen.passed().destination(DestinationStep.CLEANED, WHY), RolledBack, "Why"),
                        Arguments.of(
                                phase,
                                Seen.passed().destination(DestinationStep.NEVER_RESUMED, WHY),
                                RolledBack,
                                "Why")));
    }

    @ParameterizedTest(name = "{0}: {3}")
    @MethodSource("failuresBefore")
    void rollsBackBeforeTheHandover(MigrationPhase phase, Seen seen, MigrationPhase end, String reason) {
        MigrationStep step = next(phase, seen);

        assertThat(step.phase()).isEqualTo(end);
        assertThat(step.reason().code()).isEqualTo(reason);
    }

    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            names = {"Preparing", "PreCopying", "Draining"})
    void keepsTheDeadlineUpToTheHandover(MigrationPhase phase) {
        MigrationMachine.State late = new MigrationMachine.State(phase, SINCE, SINCE.plusSeconds(5));
        MigrationObservation ready =
                Seen.passed().destination(DestinationStep.HELD).now();

        assertThat(machine.next(late, ready, SINCE.plusSeconds(5)).phase()).isNotEqualTo(RolledBack);
        MigrationStep step = machine.next(late, ready, SINCE.plusSeconds(6));
        assertThat(step.phase()).isEqualTo(RolledBack);
        assertThat(step.reason().code()).isEqualTo("DeadlineExceeded");
    }

    @Test
    void doesNotWaitForeverForHeldContainers() {
        MigrationStep step = next(Preparing, Seen.passed(), Duration.ofSeconds(101));

        assertThat(step.phase()).isEqualTo(RolledBack);
        assertThat(step.reason().code()).isEqualTo("PrepareTimeout");
        assertThat(step.reason().message()).contains("100 s", "NONE");
        assertThat(next(Preparing, Seen.passed().abort(), Duration.ofSeconds(101))
                        .phase())
                .as("an abort always aborts")
                .isEqualTo(Aborted);
    }

    /** Also if its agent is away, or has never heard of the order: it does not know it, or it was lost. */
    @ParameterizedTest
    @EnumSource(
            value = SourceStep.class,
            names = {"NONE", "PRECOPYING"})
    void doesNotWaitForeverForASourceThatGetsReady(SourceStep source) {
        Seen seen = Seen.passed().source(source);
        assertThat(next(PreCopying, seen, Duration.ofSeconds(30)).phase()).isEqualTo(PreCopying);
        MigrationStep step = next(PreCopying, seen, Duration.ofSeconds(31));

        assertThat(step.phase()).isEqualTo(RolledBack);
        assertThat(step.reason().code()).isEqualTo("PreCopyTimeout");
        assertThat(step.reason().message()).contains("30 s", source.name());
    }

    /** A call without an end: the function works on at the source, and the move is tried again later. */
    @Test
    void doesNotWaitForeverForCalls() {
        Seen seen = Seen.passed().destination(DestinationStep.HELD).inFlight();

        assertThat(next(Draining, seen, Duration.ofSeconds(10)).phase()).isEqualTo(Draining);
        MigrationStep step = next(Draining, seen, Duration.ofSeconds(11));
        assertThat(step.phase()).isEqualTo(RolledBack);
        assertThat(step.reason().code()).isEqualTo("DrainTimeout");
        assertThat(step.reason().message()).contains("10 s", "gateway carovana-gateway-1 of site edge-a");
    }

    @Test
    void tellsWhyTheDestinationPodDoesNotComeUp() {
        MigrationStep step = next(Preparing, Seen.passed().broken(new Reason("ImagePull", "not found")));

        assertThat(step.phase()).isEqualTo(RolledBack);
        assertThat(step.reason()).isEqualTo(new Reason("ImagePull", "not found"));
    }

    /** The hub may only ask the source to give up: the source alone knows whether it has sent END. */
    @ParameterizedTest
    @EnumSource(
            value = SourceStep.class,
            names = {"NONE", "PRECOPYING", "PRECOPIED", "FREEZING", "FROZEN", "DUMPED"})
    void asksTheSourceToGiveUpInTheHandover(SourceStep source) {
        for (Seen seen : List.of(
                Seen.passed().source(source).abort(),
                Seen.passed().source(source).destination(DestinationStep.CLEANED, WHY))) {
            MigrationStep step = next(Handover, seen);
            assertThat(step.phase()).isEqualTo(Handover);
            assertThat(step.effects()).containsExactly(Effect.ABORT_SOURCE);
            assertThat(step.reason()).isNotNull();
        }
        MigrationStep late = next(Handover, Seen.passed().source(source), Duration.ofSeconds(51));
        assertThat(late.phase()).isEqualTo(Handover);
        assertThat(late.effects()).containsExactly(Effect.ABORT_SOURCE);
        assertThat(late.reason().code()).isEqualTo("HandoverTimeout");
    }

    @Test
    void endsTheHandoverOnTheSourcesWord() {
        assertThat(next(Handover, Seen.passed().source(SourceStep.THAWED, WHY)).phase())
                .isEqualTo(RolledBack);
        assertThat(next(Handover, Seen.passed().source(SourceStep.THAWED, WHY).abort())
                        .phase())
                .isEqualTo(Aborted);
        assertThat(next(Handover, Seen.passed().source(SourceStep.LOST, WHY).destination(DestinationStep.CLEANED, WHY))
                        .phase())
                .isEqualTo(Failed);
        assertThat(next(Handover, Seen.passed().source(SourceStep.IN_DOUBT, WHY))
                        .phase())
                .isEqualTo(InDoubt);
        assertThat(next(Handover, Seen.passed().sourcePodGone().destination(DestinationStep.CLEANED, WHY))
                        .phase())
                .isEqualTo(Failed);
    }

    /** END may have come there before: the only copy would be deleted. */
    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            names = {"Handover", "Restoring", "InDoubt"})
    void aLostSourceIsNotTheEndBeforeTheDestinationHasGivenUp(MigrationPhase phase) {
        for (DestinationStep destination : EnumSet.of(DestinationStep.NONE, DestinationStep.HELD)) {
            MigrationStep step =
                    next(phase, Seen.passed().source(SourceStep.LOST, WHY).destination(destination));
            assertThat(step.phase()).isEqualTo(phase);
            assertThat(step.effects()).containsExactly(Effect.ABORT_DESTINATION);
        }
        assertThat(next(phase, Seen.passed().source(SourceStep.LOST, WHY).destination(DestinationStep.RESTORING))
                        .phase())
                .isNotEqualTo(Failed);
        assertThat(next(phase, Seen.nothing().source(SourceStep.LOST, WHY)).phase())
                .as("its pod is gone")
                .isEqualTo(Failed);
    }

    @Test
    void aSourcePodThatIsGoneIsNotTheEndEither() {
        MigrationStep asked = next(Handover, Seen.passed().sourcePodGone().destination(DestinationStep.HELD));
        assertThat(asked.phase()).isEqualTo(Handover);
        assertThat(asked.effects()).containsExactly(Effect.ABORT_DESTINATION);
        assertThat(next(Handover, Seen.passed().sourcePodGone().source(SourceStep.FROZEN))
                        .effects())
                .as("it may still send END")
                .isEmpty();
    }

    /** A node that never comes back: an administrator deletes its pod. */
    @ParameterizedTest
    @EnumSource(
            value = SourceStep.class,
            names = {"NONE", "FREEZING", "FROZEN", "DUMPED"})
    void aHandoverEndsWhenItsSourceNodeIsGivenUp(SourceStep source) {
        Seen seen = Seen.passed().source(source).sourcePodGone().destination(DestinationStep.CLEANED, WHY);

        MigrationStep step = next(Handover, seen, Duration.ofSeconds(51));
        assertThat(step.phase()).isEqualTo(Failed);
        assertThat(step.reason().code()).isEqualTo("SourcePodGone");
    }

    @Test
    void aSourceThatDoesNotHearThatItMayGoOnIsInDoubt() {
        Seen seen = Seen.passed().source(SourceStep.END_SENT).destination(DestinationStep.NEVER_RESUMED, WHY);
        assertThat(next(Restoring, seen, Duration.ofSeconds(21)).phase()).isEqualTo(InDoubt);
        assertThat(next(InDoubt, seen, Duration.ofDays(1)).effects()).containsExactly(Effect.TELL_SOURCE_NEVER_RESUMED);

        for (MigrationPhase phase : EnumSet.of(Restoring, InDoubt)) {
            MigrationStep end = next(
                    phase,
                    Seen.passed()
                            .destination(DestinationStep.NEVER_RESUMED, WHY)
                            .sourcePodGone());
            assertThat(end.phase()).isEqualTo(Failed);
            assertThat(end.reason().code()).isEqualTo("SourcePodGone");
        }
    }

    @Test
    void aMoveWhoseSourceAgentIsAwayIsGivenUpBeforeTheHandover() {
        MigrationStep step = next(Draining, Seen.passed().destination(DestinationStep.HELD), Duration.ofSeconds(11));

        assertThat(step.phase()).isEqualTo(RolledBack);
        assertThat(step.reason().code()).isEqualTo("SourceAgentAway");
    }

    /** R3: after END only the destination may run, unless it declares that it never resumed. */
    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            names = {"Restoring", "InDoubt"})
    void afterTheHandoverTheDestinationDecides(MigrationPhase phase) {
        assertThat(next(phase, Seen.passed().destination(DestinationStep.RESTORED))
                        .phase())
                .isEqualTo(Succeeded);
        assertThat(next(phase, Seen.passed().source(SourceStep.RELEASED)).phase())
                .isEqualTo(Succeeded);
        MigrationStep never = next(phase, Seen.passed().destination(DestinationStep.NEVER_RESUMED, WHY));
        assertThat(never.phase()).isEqualTo(phase);
        assertThat(never.effects()).containsExactly(Effect.TELL_SOURCE_NEVER_RESUMED);
        assertThat(next(phase, Seen.passed().source(SourceStep.THAWED, WHY)).phase())
                .isEqualTo(RolledBack);
        assertThat(next(
                                phase,
                                Seen.passed()
                                        .source(SourceStep.LOST, WHY)
                                        .destination(DestinationStep.NEVER_RESUMED, WHY))
                        .phase())
                .isEqualTo(Failed);
        assertThat(next(phase, Seen.nothing().sourcePodGone()).phase()).isEqualTo(Failed);
    }

    @Test
    void isLookedAtAsSoonAsItIsTimeToCleanUp() {
        Duration left = MigrationMachine.untilNextLook(Succeeded, SINCE, SINCE.plusNanos(400_300_000));
        assertThat(left).isBetween(Duration.ofMillis(600), Duration.ofMillis(601));
        assertThat(next(Succeeded, Seen.passed(), Duration.ofNanos(400_300_000).plusMillis(left.toMillis()))
                        .effects())
                .contains(Effect.DELETE_SOURCE_POD);
        Duration seldom = MigrationMachine.untilNextLook(Succeeded, SINCE, SINCE.plusSeconds(1));
        assertThat(seldom).isGreaterThan(Duration.ofSeconds(1));
        assertThat(MigrationMachine.untilNextLook(Handover, SINCE, SINCE)).isEqualTo(seldom);
    }

    @Test
    void cleansUpWhenTheCallsThatHaveWaitedAreThrough() {
        MigrationStep step = next(Succeeded, Seen.passed(), Duration.ofMillis(999));

        assertThat(step.effects()).isEmpty();
        assertThat(step.settled()).isFalse();
    }

    /** Deleting the Migration is too late then: it runs to its end. */
    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            names = {"Restoring", "InDoubt", "Succeeded"})
    void cannotBeAbortedAfterTheHandover(MigrationPhase phase) {
        assertThat(next(phase, Seen.passed().abort()).phase()).isNotIn(Aborted, RolledBack);
    }

    /** R5: nobody is told to run on a timeout alone. */
    @Test
    void inDoubtNobodyIsToldToRun() {
        MigrationStep doubt = next(Restoring, Seen.passed().source(SourceStep.END_SENT), Duration.ofSeconds(21));
        assertThat(doubt.phase()).isEqualTo(InDoubt);
        assertThat(doubt.effects()).isEmpty();
        assertThat(next(Restoring, Seen.passed().source(SourceStep.IN_DOUBT)).phase())
                .isEqualTo(InDoubt);
        for (DestinationStep destination :
                EnumSet.of(DestinationStep.NONE, DestinationStep.HELD, DestinationStep.RESTORING)) {
            MigrationStep step = next(
                    InDoubt, Seen.passed().source(SourceStep.IN_DOUBT).destination(destination), Duration.ofDays(365));
            assertThat(step.phase()).isEqualTo(InDoubt);
            assertThat(step.effects()).isEmpty();
        }
    }

    @Test
    void anAdministratorMayDecideForTheSource() {
        MigrationStep first = next(InDoubt, Seen.passed().decision(Decision.SOURCE));
        assertThat(first.effects()).containsExactlyInAnyOrder(Effect.ABORT_DESTINATION, Effect.DELETE_DESTINATION_POD);

        // only when nothing of the destination is left is the source told
        MigrationStep then = next(InDoubt, Seen.passed().pod(PodState.ABSENT).decision(Decision.SOURCE));
        assertThat(then.effects()).containsExactly(Effect.TELL_SOURCE_NEVER_RESUMED);
    }

    @Test
    void anAdministratorMayDecideForTheDestination() {
        MigrationStep step = next(InDoubt, Seen.passed().decision(Decision.DESTINATION));

        assertThat(step.phase()).isEqualTo(InDoubt);
        assertThat(step.effects()).containsExactly(Effect.TELL_SOURCE_RESTORED);
        MigrationStep gone =
                next(InDoubt, Seen.passed().decision(Decision.DESTINATION).sourcePodGone());
        assertThat(gone.phase()).as("nobody is left to be told").isEqualTo(Succeeded);
        assertThat(gone.effects()).containsExactly(Effect.SWITCH_ROUTE);
    }

    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            names = {"RolledBack", "Aborted", "Failed"})
    void leavesNothingBehind(MigrationPhase phase) {
        MigrationStep dirty = next(phase, Seen.passed());
        assertThat(dirty.settled()).isFalse();
        assertThat(dirty.effects()).containsExactlyInAnyOrder(Effect.ABORT_DESTINATION, Effect.DELETE_DESTINATION_POD);

        MigrationStep clean = next(phase, Seen.passed().pod(PodState.ABSENT));
        assertThat(clean.settled()).isTrue();
        assertThat(clean.effects()).containsExactly(Effect.FREE_INSTANCE, Effect.ABORT_DESTINATION, Effect.FINISH);
    }

    /** The next move of the instance would find its pod busy. */
    @ParameterizedTest
    @EnumSource(
            value = SourceStep.class,
            names = {"PRECOPYING", "PRECOPIED"})
    void aSourceThatWaitsIsToldToGiveUpBeforeTheInstanceIsFree(SourceStep source) {
        for (MigrationPhase phase : EnumSet.of(RolledBack, Aborted)) {
            MigrationStep waiting =
                    next(phase, Seen.passed().pod(PodState.ABSENT).source(source));
            assertThat(waiting.settled()).isFalse();
            assertThat(waiting.effects()).contains(Effect.ABORT_SOURCE).doesNotContain(Effect.FREE_INSTANCE);
            assertThat(next(phase, Seen.passed().pod(PodState.ABSENT).source(SourceStep.THAWED, WHY))
                            .settled())
                    .isTrue();
        }
    }

    @Test
    void aSourceThatIsLostMakesWayForAColdStart() {
        MigrationStep step = next(Failed, Seen.passed().pod(PodState.ABSENT).source(SourceStep.LOST, WHY));

        assertThat(step.settled()).isFalse();
        assertThat(step.effects()).contains(Effect.DELETE_SOURCE_POD);
        assertThat(next(Failed, Seen.nothing().source(SourceStep.LOST, WHY).sourcePodGone())
                        .settled())
                .isTrue();
    }

    /** R1: only a migration that has succeeded, or has lost its source, takes the source pod away. */
    @ParameterizedTest
    @EnumSource(
            value = MigrationPhase.class,
            mode = Mode.EXCLUDE,
            names = {"Succeeded"})
    void neverDeletesARunningSource(MigrationPhase phase) {
        for (Seen seen : everything()) {
            MigrationStep step = next(phase, seen);
            if (step.phase() != Succeeded && seen.now().source() != SourceStep.LOST) {
                assertThat(step.effects()).as("%s", seen.now()).doesNotContain(Effect.DELETE_SOURCE_POD);
            }
        }
    }

    /** Every phase answers everything that can be seen, finals stay, and END is never forgotten. */
    @ParameterizedTest
    @EnumSource(MigrationPhase.class)
    void answersEverything(MigrationPhase phase) {
        for (Seen seen : everything()) {
            MigrationStep step = next(phase, seen);
            assertThat(step.phase()).isNotNull();
            if (phase.isFinal()) {
                assertThat(step.phase()).isEqualTo(phase);
            }
            if (phase == Restoring || phase == InDoubt) {
                assertThat(step.phase()).isIn(Restoring, InDoubt, Succeeded, RolledBack, Failed);
                assertThat(step.effects()).doesNotContain(Effect.HAND_OVER, Effect.ABORT_SOURCE);
                if (step.phase() == RolledBack) {
                    assertThat(seen.now().source()).isEqualTo(SourceStep.THAWED);
                }
            }
        }
    }

    private static List<Seen> everything() {
        return Stream.of(SourceStep.values())
                .flatMap(source -> Stream.of(DestinationStep.values())
                        .flatMap(destination -> Stream.of(PodState.values()).flatMap(pod -> Stream.of(true, false)
                                .flatMap(gone -> Stream.of(true, false).map(abort -> {
                                    Seen seen = Seen.nothing()
                                            .preflight()
                                            .pod(pod)
                                            .source(source, WHY)
                                            .destination(destination, WHY);
                                    seen = gone ? seen.sourcePodGone() : seen;
                                    return abort ? seen.abort() : seen;
                                })))))
                .toList();
    }
}
