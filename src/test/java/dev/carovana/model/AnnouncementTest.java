// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.model.MobilityDecision.Act;
import dev.carovana.model.MobilityDecision.Act.Action;
import dev.carovana.model.MobilityDecision.KnownInstance;
import dev.carovana.model.MobilityDecision.KnownMigration;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Origin;
import dev.carovana.model.MobilityEvent.Target;
import dev.carovana.model.Remembered.Held;
import dev.carovana.model.Remembered.Moved;
import dev.carovana.model.Remembered.Prepared;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Moves that are announced, and taken back. The instance is at site a. */
class AnnouncementTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
    private static final Remembered NOTHING = new Remembered(null, null, null);
    private static final AllowedSites ALL = new AllowedSites("functions", null);
    private static final Prepared PREPARED = new Prepared("b", "//ran e-1", NOW);
    private static final Held HELD = new Held("c", "a", NOW);
    private static final Target NOWHERE = new Target.Nowhere();
    private static final KnownMigration TO_B = new KnownMigration("cart-1-2", "b", true);
    private static final List<KnownSite> SITES = List.of(
            new KnownSite("a", List.of(), null, false),
            new KnownSite("b", List.of(), null, true),
            new KnownSite("c", List.of(), null, false));

    private static final Moved MOVED = new Moved("a", "b", NOW);

    private static KnownInstance at(String wanted, KnownMigration migration, Remembered remembered) {
        return new KnownInstance("functions", "cart-1", wanted, "a", true, migration, null, remembered, ALL);
    }

    private static MobilityDecision decide(Kind kind, Target to, KnownInstance instance) {
        MobilityEvent event =
                new MobilityEvent(new Origin("//ran", "e-1", null, null), kind, Set.of("alice"), to, null, NOW);
        return MobilityDecision.decide(event, NOW, Duration.ZERO, List.of(instance), SITES);
    }

    private static Act act(Kind kind, Target to, KnownInstance instance) {
        return decide(kind, to, instance).acts().getFirst();
    }

    private static Target site(String name) {
        return new Target.Site(name);
    }

    @Test
    void anAnnouncementIsRememberedAndMovesNothing() {
        KnownInstance instance = at("a", null, new Remembered(MOVED, HELD, null));

        assertThat(act(Kind.PREPARE, site("c"), instance))
                .isEqualTo(new Act(
                        instance,
                        Action.Prepared,
                        "c",
                        new Remembered(MOVED, HELD, new Prepared("c", "//ran e-1", NOW))));
    }

    @Test
    void whereItIsWantedAlreadyNothingIsPrepared() {
        assertThat(act(Kind.PREPARE, site("a"), at("a", null, NOTHING)).action())
                .isEqualTo(Action.NothingToDo);
    }

    @Test
    void aMoveEndsTheAnnouncement() {
        Act act = act(Kind.MOVE, site("c"), at("a", null, new Remembered(null, HELD, PREPARED)));

        assertThat(act.remember()).isEqualTo(new Remembered(new Moved("a", "c", NOW), null, null));
    }

    @Test
    void takesBackTheMoveThatIsUnderWay() {
        Act act = act(Kind.ABORT, NOWHERE, at("b", TO_B, new Remembered(MOVED, null, PREPARED)));

        assertThat(act.action()).isEqualTo(Action.Aborted);
        assertThat(act.site()).isEqualTo("a");
        assertThat(act.remember()).isEqualTo(NOTHING);
    }

    @Test
    void takesBackTheWishThatNoMigrationFollowsYet() {
        assertThat(act(Kind.ABORT, NOWHERE, at("b", null, NOTHING)).site()).isEqualTo("a");
        assertThat(act(Kind.ABORT, site("b"), at("b", null, NOTHING)).site())
                .as("even if the site is cordoned meanwhile")
                .isEqualTo("a");
    }

    @Test
    void takesBackOnlyWhatIsMeant() {
        KnownInstance instance = at("b", TO_B, new Remembered(null, HELD, new Prepared("c", "//ran e-0", null)));

        Act other = act(Kind.ABORT, site("c"), instance);
        assertThat(other.action()).isEqualTo(Action.Aborted);
        assertThat(other.site()).as("the move to b goes on").isNull();
        assertThat(other.remember()).isEqualTo(NOTHING);
        Act move = act(Kind.ABORT, site("b"), instance);
        assertThat(move.site()).isEqualTo("a");
        assertThat(move.remember().held()).isEqualTo(HELD);
    }

    @Test
    void nothingIsTakenBackTwice() {
        assertThat(act(Kind.ABORT, NOWHERE, at("a", null, NOTHING)).action()).isEqualTo(Action.NothingToDo);
    }

    @Test
    void whatAPersonHasWishedIsNotTakenBack() {
        KnownInstance byHand = new KnownInstance("functions", "cart-1", "b", "a", false, TO_B, null, NOTHING, ALL);

        assertThat(act(Kind.ABORT, NOWHERE, byHand).action()).isEqualTo(Action.NothingToDo);
    }

    @Test
    void afterTheHandoverItIsTooLate() {
        KnownInstance late = at("b", new KnownMigration("cart-1-2", "b", false), NOTHING);

        MobilityDecision decision = decide(Kind.ABORT, NOWHERE, late);
        assertThat(decision.acts()).isEmpty();
        assertThat(decision.refusals()).extracting(Reason::code).containsExactly("HandedOver");
        assertThat(act(Kind.ABORT, site("c"), late).action())
                .as("of another move")
                .isEqualTo(Action.NothingToDo);
    }
}
