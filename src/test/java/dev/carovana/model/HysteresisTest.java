// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.model.MobilityDecision.Act;
import dev.carovana.model.MobilityDecision.Act.Action;
import dev.carovana.model.MobilityDecision.KnownInstance;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Origin;
import dev.carovana.model.MobilityEvent.Target;
import dev.carovana.model.Remembered.Held;
import dev.carovana.model.Remembered.Moved;
import dev.carovana.model.Remembered.Next;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A user who stands at a border: what an instance does, event by event. */
class HysteresisTest {
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final Duration WINDOW = Duration.ofSeconds(2);
    private static final AllowedSites ALL = new AllowedSites("functions", null);
    private static final List<KnownSite> SITES = List.of(
            new KnownSite("a", List.of(), null, false),
            new KnownSite("b", List.of(), null, false),
            new KnownSite("c", List.of(), null, false));

    private String wanted = "a";
    private Remembered remembered = new Remembered(null, null, null);
    private Duration window = WINDOW;
    private int events;

    /** The user is said to be at a site. */
    private Action says(String site, double second) {
        MobilityEvent event = new MobilityEvent(
                new Origin("//ran", "e-" + ++events, null, null),
                Kind.MOVE,
                Set.of("alice"),
                new Target.Site(site),
                null,
                null);
        KnownInstance instance =
                new KnownInstance("functions", "cart-1", wanted, "a", true, null, null, remembered, ALL);
        Act act = MobilityDecision.decide(event, at(second), window, List.of(instance), SITES)
                .acts()
                .getFirst();
        remembered = act.remember();
        if (act.action() == Action.Moving) {
            wanted = Objects.requireNonNull(act.site());
        }
        return act.action();
    }

    /** What the reconciler does at a time. */
    private void wakes(double second) {
        switch (remembered.next(wanted, at(second))) {
            case Next.Move(String site, Remembered after) -> {
                wanted = site;
                remembered = after;
            }
            case Next.Drop(Remembered after) -> remembered = after;
            case Next.Wait wait -> {}
            case Next.Nothing nothing -> {}
        }
    }

    private static Instant at(double second) {
        return START.plusMillis((long) (second * 1000));
    }

    @Test
    void aReturnWithinTheWindowWaitsForItsEnd() {
        assertThat(says("b", 0)).isEqualTo(Action.Moving);
        assertThat(says("a", 0.5)).isEqualTo(Action.HeldBack);
        assertThat(wanted).isEqualTo("b");
        assertThat(remembered.held()).isEqualTo(new Held("a", "b", at(2)));
        assertThat(remembered.next(wanted, at(1.5))).isEqualTo(new Next.Wait(Duration.ofMillis(500)));

        wakes(1.999);
        assertThat(wanted).isEqualTo("b");
        wakes(2);
        assertThat(wanted).isEqualTo("a");
        assertThat(remembered).isEqualTo(new Remembered(new Moved("b", "a", at(2)), null, null));
    }

    @Test
    void aReturnAfterTheWindowIsMadeAtOnce() {
        says("b", 0);
        assertThat(says("a", 2)).isEqualTo(Action.Moving);
    }

    @Test
    void somewhereElseIsNoReturn() {
        says("b", 0);
        assertThat(says("c", 0.1)).isEqualTo(Action.Moving);
        assertThat(says("a", 0.2)).isEqualTo(Action.Moving);
    }

    @Test
    void whoeverIsSaidToStayDoesNotGoBackLater() {
        says("b", 0);
        says("a", 0.5);
        assertThat(says("b", 1)).isEqualTo(Action.Moving);
        wakes(2);
        assertThat(wanted).isEqualTo("b");
        assertThat(remembered.held()).isNull();
        // and the window begins again
        assertThat(says("a", 2.5)).isEqualTo(Action.HeldBack);
        assertThat(remembered.held()).isEqualTo(new Held("a", "b", at(3)));
    }

    @Test
    void whatIsSeenCountsThoughItIsNotWritten() {
        Remembered moved = new Remembered(new Moved("a", "b", at(0)), null, null);

        assertThat(moved.seen(at(1)).moved()).isEqualTo(new Moved("a", "b", at(1)));
        assertThat(moved.seen(at(-1))).isEqualTo(moved);
        assertThat(moved.seen(null)).isEqualTo(moved);
        assertThat(new Remembered(null, null, null).seen(at(1)).moved()).isNull();
    }

    @Test
    void tenQuickMovesAreOne() {
        int moves = 0;
        for (int i = 0; i < 9; i++) {
            String before = wanted;
            says(i % 2 == 0 ? "b" : "a", i * 0.1);
            wakes(i * 0.1 + 0.05);
            moves += wanted.equals(before) ? 0 : 1;
        }
        says("b", 0.95);
        wakes(100);

        assertThat(moves).isEqualTo(1);
        assertThat(wanted).isEqualTo("b");
    }

    @Test
    void aWishByHandIsNewer() {
        says("b", 0);
        says("a", 0.5);
        wanted = "c";
        wakes(0.6);

        assertThat(remembered.held()).isNull();
        wakes(100);
        assertThat(wanted).isEqualTo("c");
        assertThat(says("a", 0.7)).as("what was left is another site").isEqualTo(Action.Moving);
    }

    @Test
    void withoutAWindowEveryEventIsFollowed() {
        window = Duration.ZERO;
        says("b", 0);
        assertThat(says("a", 0)).isEqualTo(Action.Moving);
    }

    @Test
    void survivesItsAnnotations() {
        says("b", 0);
        says("a", 0.5);
        Remembered all =
                new Remembered(remembered.moved(), remembered.held(), new Remembered.Prepared("c", "//ran e-9", at(7)));

        assertThat(Remembered.read(all.annotations())).isEqualTo(all);
        assertThat(Remembered.read(Map.of(
                        "carovana.dev/held-site",
                        "a",
                        "carovana.dev/held-from",
                        "b",
                        "carovana.dev/held-until",
                        "soon")))
                .isEqualTo(new Remembered(null, null, null));
    }
}
