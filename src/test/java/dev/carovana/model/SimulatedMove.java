// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import dev.carovana.model.MigrationObservation.Decision;
import dev.carovana.model.MigrationObservation.PodState;
import dev.carovana.model.MigrationStep.Effect;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.StringJoiner;

/**
 * One migration with two agents that follow the protocol, links that break, and a hub that forgets: everything that may
 * happen, happens in an order that a seed chooses. The machine under test is the hub's brain.
 */
final class SimulatedMove {
    private static final Reason WHY = new Reason("Simulated", "it went wrong");
    private static final Set<SourceStep> BEFORE_END =
            EnumSet.of(SourceStep.FREEZING, SourceStep.FROZEN, SourceStep.DUMPED);
    private static final Set<SourceStep> BEFORE_FREEZE = EnumSet.of(SourceStep.PRECOPYING, SourceStep.PRECOPIED);
    private static final Set<SourceStep> AFTER_END = EnumSet.of(SourceStep.END_SENT, SourceStep.IN_DOUBT);
    private static final Set<DestinationStep> NOT_YET = EnumSet.of(
            DestinationStep.EXPECTING, DestinationStep.HELD, DestinationStep.RECEIVING, DestinationStep.RECEIVED);

    private final Random random;
    private final MigrationMachine machine = new MigrationMachine(MigrationTimeouts.DEFAULT);
    private final Deque<Effect> toSource = new ArrayDeque<>();
    private final Deque<Effect> toDestination = new ArrayDeque<>();
    private final StringJoiner story = new StringJoiner(" ");
    private boolean calm;

    // the hub: what is in the status, what it remembers, and its links
    private Instant now = Instant.parse("2026-11-24T10:00:00Z");
    private Instant since = now;
    private MigrationPhase phase = MigrationPhase.Pending;
    private boolean preflight;
    private boolean aborted;
    private Decision decision;
    private boolean settled;
    private SourceStep toldBySource = SourceStep.NONE;
    private DestinationStep toldByDestination = DestinationStep.NONE;
    private boolean sourceLink = true;
    private boolean destinationLink = true;

    // the truth at the sites
    private SourceStep source = SourceStep.NONE;
    private boolean sourcePod = true;
    private boolean sourceDeleting;
    private boolean frozen;
    private boolean broken;
    private DestinationStep destination = DestinationStep.NONE;
    private boolean destinationPod;
    private boolean destinationDeleting;
    private boolean destinationRuns;
    private boolean endOnTheWay;
    private boolean callsUnderWay;

    SimulatedMove(long seed) {
        random = new Random(seed);
    }

    boolean sourceExecutes() {
        return sourcePod && !frozen;
    }

    boolean destinationExecutes() {
        return destinationPod && destinationRuns;
    }

    MigrationPhase phase() {
        return phase;
    }

    boolean isSettled() {
        return settled;
    }

    boolean isDecided() {
        return decision != null;
    }

    boolean hasDestinationPod() {
        return destinationPod;
    }

    void decide(Decision word) {
        decision = word;
        story.add("decision:" + word);
    }

    /** From now on links stay up and agents finish what they begin. */
    void calmDown() {
        calm = true;
        connectSource();
        connectDestination();
    }

    String story() {
        return story.toString();
    }

    /** One thing happens. */
    void step() {
        List<Runnable> everyday = List.of(
                this::hub,
                this::hub,
                this::readAtSource,
                this::readAtDestination,
                this::sourceGoesOn,
                this::destinationGoesOn,
                this::endArrives,
                this::tellFromSource,
                this::tellFromDestination,
                this::podsGo,
                this::callsComeAndGo,
                this::timeGoes,
                this::administrator);
        List<Runnable> trouble = List.of(
                this::cutSource,
                this::cutDestination,
                this::connectSource,
                this::connectDestination,
                this::restartHub,
                this::restartSource,
                this::restartDestination,
                this::sourceFails,
                this::abort,
                this::longTimeGoes,
                this::longTimeGoes);
        List<Runnable> choice = !calm && random.nextInt(6) == 0 ? trouble : everyday;
        choice.get(random.nextInt(choice.size())).run();
    }

    private void hub() {
        if (settled) {
            return;
        }
        Seen seen = Seen.nothing()
                .pod(destinationPod ? PodState.COMING : PodState.ABSENT)
                .source(heardFromSource(), WHY)
                .destination(toldByDestination, WHY)
                .decision(decision);
        seen = preflight ? seen.preflight() : seen;
        seen = aborted ? seen.abort() : seen;
        seen = callsUnderWay ? seen.inFlight() : seen;
        seen = sourcePod ? seen : seen.sourcePodGone();
        MigrationStep step = machine.next(new MigrationMachine.State(phase, since, null), seen.now(), now);
        if (step.phase() != phase) {
            phase = step.phase();
            since = now;
            story.add(phase.name());
        }
        step.effects().forEach(this::perform);
        settled = step.settled();
    }

    private SourceStep heardFromSource() {
        return sourceLink || !BEFORE_FREEZE.contains(toldBySource) ? toldBySource : SourceStep.NONE;
    }

    private void perform(Effect effect) {
        switch (effect) {
            case RUN_PREFLIGHT -> preflight = true;
            case CREATE_DESTINATION_POD -> destinationPod = true;
            case DELETE_DESTINATION_POD -> destinationDeleting = destinationPod;
            case DELETE_SOURCE_POD -> sourceDeleting = sourcePod;
            case PREPARE_DESTINATION, ABORT_DESTINATION -> send(toDestination, effect, destinationLink);
            case PRE_COPY, HAND_OVER ->
                send(toSource, effect, sourceLink && destinationLink && toldByDestination != DestinationStep.NONE);
            case ABORT_SOURCE, TELL_SOURCE_RESTORED, TELL_SOURCE_NEVER_RESUMED -> send(toSource, effect, sourceLink);
            case DRAIN, SWITCH_ROUTE, FREE_INSTANCE, FINISH -> {} // nothing that could start or stop a copy
        }
    }

    private static void send(Deque<Effect> queue, Effect effect, boolean link) {
        if (link && !effect.equals(queue.peekLast())) {
            queue.add(effect);
        }
    }

    private void readAtSource() {
        switch (toSource.poll()) {
            case HAND_OVER -> {
                if ((source == SourceStep.NONE || BEFORE_FREEZE.contains(source)) && sourcePod) {
                    source = SourceStep.FREEZING;
                    frozen = true;
                }
            }
            case PRE_COPY -> {
                if (source == SourceStep.NONE && sourcePod) {
                    source = SourceStep.PRECOPYING;
                }
            }
            case ABORT_SOURCE -> {
                if (mayStillThaw() || source == SourceStep.NONE) {
                    thaw();
                }
            }
            case TELL_SOURCE_RESTORED -> release();
            case TELL_SOURCE_NEVER_RESUMED -> {
                if (AFTER_END.contains(source)) {
                    thaw();
                }
            }
            case null, default -> {}
        }
    }

    private void readAtDestination() {
        switch (toDestination.poll()) {
            case PREPARE_DESTINATION -> {
                if (destination == DestinationStep.NONE) {
                    destination = DestinationStep.EXPECTING;
                }
            }
            case ABORT_DESTINATION -> giveUp();
            case null, default -> {}
        }
    }

    private void sourceGoesOn() {
        switch (source) {
            case PRECOPYING -> source = SourceStep.PRECOPIED;
            case FREEZING -> source = SourceStep.FROZEN;
            case FROZEN -> source = SourceStep.DUMPED;
            case DUMPED -> {
                if (destination == DestinationStep.HELD) {
                    destination = DestinationStep.RECEIVED;
                    source = SourceStep.END_SENT;
                    endOnTheWay = true;
                    story.add("END");
                } else {
                    thaw();
                }
            }
            case END_SENT, IN_DOUBT -> ask();
            default -> {}
        }
    }

    /** The source asks the destination itself, if it can be reached. */
    private void ask() {
        if (!calm && random.nextBoolean()) {
            source = SourceStep.IN_DOUBT;
            return;
        }
        if (NOT_YET.contains(destination)) {
            destination = DestinationStep.NEVER_RESUMED;
        }
        switch (destination) {
            case RESTORED -> release();
            case NEVER_RESUMED, CLEANED -> thaw();
            default -> {}
        }
    }

    private void destinationGoesOn() {
        if (destination == DestinationStep.EXPECTING && destinationPod) {
            destination = DestinationStep.HELD;
        } else if (destination == DestinationStep.RESTORING) {
            if (destinationPod && (calm || random.nextInt(3) > 0)) {
                destination = DestinationStep.RESTORED;
                destinationRuns = true;
                story.add("RESTORED");
            } else {
                destination = DestinationStep.NEVER_RESUMED;
            }
        }
    }

    private void endArrives() {
        if (endOnTheWay && destination == DestinationStep.RECEIVED) {
            destination = DestinationStep.RESTORING;
        }
        endOnTheWay = false;
    }

    private void release() {
        if (AFTER_END.contains(source)) {
            source = SourceStep.RELEASED;
        }
    }

    private boolean mayStillThaw() {
        return BEFORE_FREEZE.contains(source) || BEFORE_END.contains(source);
    }

    private void thaw() {
        if (!sourcePod) {
            return;
        }
        broken = frozen && !calm && random.nextInt(20) == 0;
        source = broken ? SourceStep.LOST : SourceStep.THAWED;
        frozen = broken;
        story.add(source.name());
    }

    private void giveUp() {
        if (NOT_YET.contains(destination)) {
            destination = DestinationStep.CLEANED;
        }
    }

    private void tellFromSource() {
        toldBySource = sourceLink ? source : toldBySource;
    }

    private void tellFromDestination() {
        toldByDestination = destinationLink ? destination : toldByDestination;
    }

    private void podsGo() {
        sourcePod &= !sourceDeleting;
        destinationPod &= !destinationDeleting;
        destinationRuns &= destinationPod;
    }

    private void callsComeAndGo() {
        callsUnderWay = !calm && random.nextInt(4) == 0;
    }

    private void timeGoes() {
        now = now.plusSeconds(random.nextInt(3));
    }

    private void longTimeGoes() {
        now = now.plus(Duration.ofSeconds(random.nextInt(100)));
    }

    private void cutSource() {
        sourceLink = false;
        toSource.clear();
    }

    private void cutDestination() {
        destinationLink = false;
        toDestination.clear();
    }

    private void connectSource() {
        sourceLink = true;
        toldBySource = source;
    }

    private void connectDestination() {
        destinationLink = true;
        toldByDestination = destination;
    }

    /** Phase and preflight are in the status; all else is forgotten until the agents connect again. */
    private void restartHub() {
        cutSource();
        cutDestination();
        toldBySource = SourceStep.NONE;
        toldByDestination = DestinationStep.NONE;
        story.add("hub-restarts");
    }

    private void restartSource() {
        cutSource();
        if (mayStillThaw()) {
            thaw();
        }
    }

    /** A restarted agent learns from the holders whether anything was resumed. */
    private void restartDestination() {
        cutDestination();
        giveUp();
    }

    /** Or it has waited for the handover for too long. */
    private void sourceFails() {
        if (mayStillThaw()) {
            thaw();
        }
    }

    private void administrator() {
        if (!calm && phase == MigrationPhase.InDoubt && decision == null) {
            decide(random.nextBoolean() ? Decision.SOURCE : Decision.DESTINATION);
        }
    }

    private void abort() {
        if (random.nextInt(4) == 0) {
            aborted = true;
            story.add("abort");
        }
    }
}
