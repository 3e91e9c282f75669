// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.carovana.model.MobilityDecision.Act;
import dev.carovana.model.MobilityDecision.Act.Action;
import dev.carovana.model.MobilityDecision.KnownInstance;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Origin;
import dev.carovana.model.MobilityEvent.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MobilityDecisionTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
    private static final List<KnownSite> SITES = List.of(
            new KnownSite("edge-a", List.of("zone-a", "shared", "00101000000A02"), "192.0.2.1", false),
            new KnownSite("edge-b", List.of("zone-b", "shared", "2001:db8::7"), "Gateway.example.org", false),
            new KnownSite("edge-c", List.of("zone-c"), null, true));
    private static final Remembered NOTHING = new Remembered(null, null, null);
    private static final AllowedSites ALL = new AllowedSites("functions", null);
    private static final KnownInstance FRESH = instance(null, NOTHING);
    private static final KnownInstance ELSEWHERE =
            new KnownInstance("functions", "cart-1", "edge-b", "edge-b", true, null, null, NOTHING, ALL);
    private static final Target EDGE_B = new Target.Site("edge-b");

    private static MobilityEvent event(Kind kind, Target to, String sequence, Instant time, Instant expiry) {
        return new MobilityEvent(new Origin("//ran", "e-2", sequence, time), kind, Set.of("alice"), to, expiry, null);
    }

    private static MobilityEvent to(Target to) {
        return event(Kind.MOVE, to, null, null, null);
    }

    private static MobilityEvent zone(String... ids) {
        return to(new Target.Zone(List.of(ids)));
    }

    private static MobilityEvent endpoint(String... hosts) {
        return to(new Target.Endpoint(List.of(hosts)));
    }

    private static MobilityEvent expires(String at) {
        return event(Kind.MOVE, EDGE_B, null, null, Instant.parse(at));
    }

    private static MobilityEvent sequence(String sequence) {
        return event(Kind.MOVE, EDGE_B, sequence, null, null);
    }

    private static MobilityEvent at(Instant time) {
        return event(Kind.MOVE, EDGE_B, null, time, null);
    }

    /** At edge-a, which alone its namespace allows. */
    private static KnownInstance kept() {
        AllowedSites here = new AllowedSites("functions", "edge-a");
        return new KnownInstance("functions", "cart-1", "edge-a", "edge-a", true, null, null, NOTHING, here);
    }

    /** At edge-a, where an event has led it. */
    private static KnownInstance instance(LastEvent last, Remembered remembered) {
        return new KnownInstance("functions", "cart-1", "edge-a", "edge-a", true, null, last, remembered, ALL);
    }

    private static KnownInstance knows(String event, String sequence) {
        return instance(new LastEvent(event, sequence, NOW), NOTHING);
    }

    private static MobilityDecision decide(MobilityEvent event, KnownInstance... instances) {
        return MobilityDecision.decide(event, NOW, Duration.ZERO, List.of(instances), SITES);
    }

    static Stream<Arguments> moving() {
        return Stream.of(
                arguments("by cluster", to(EDGE_B), FRESH, "edge-b"),
                arguments("by zone", zone("zone-b"), FRESH, "edge-b"),
                arguments("by cell, in either case", zone("00101000000a02"), ELSEWHERE, "edge-a"),
                arguments("by the first zone that a site has", zone("zone-z", "zone-b", "zone-a"), FRESH, "edge-b"),
                arguments("by the gateway's name", endpoint("gateway.EXAMPLE.org."), FRESH, "edge-b"),
                arguments("by the gateway's address", endpoint("unheard-of", "192.0.2.1"), ELSEWHERE, "edge-a"),
                arguments("by an endpoint among the zones", endpoint("2001:DB8:0::7"), FRESH, "edge-b"),
                arguments("not yet expired", expires("2026-11-24T10:00:00.001Z"), FRESH, "edge-b"),
                arguments("it is over, and there", event(Kind.DONE, EDGE_B, null, null, null), FRESH, "edge-b"),
                arguments("the same time", at(NOW), knows("//ran e-1", null), "edge-b"),
                arguments(
                        "the sequence counts more than the time",
                        event(Kind.MOVE, EDGE_B, "2", NOW.minusSeconds(1), null),
                        knows("//ran e-1", "1"),
                        "edge-b"),
                arguments("another source's clock", at(NOW.minusSeconds(1)), knows("//core e-1", null), "edge-b"),
                arguments("another event", to(EDGE_B), knows("//ran e-1", null), "edge-b"),
                arguments("next in sequence", sequence("0018"), knows("//ran e-1", "0017"), "edge-b"),
                arguments("numbers, not text", sequence("100"), knows("//ran e-1", "99"), "edge-b"),
                arguments("another source counts anew", sequence("1"), knows("//core e-1", "17"), "edge-b"),
                arguments("a source that begins the same", sequence("1"), knows("//ran2 e-1", "17"), "edge-b"),
                arguments("no sequence before", sequence("1"), knows("//ran e-1", null), "edge-b"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("moving")
    void moves(String name, MobilityEvent event, KnownInstance instance, String site) {
        MobilityDecision decision = decide(event, instance);

        assertThat(decision.acts())
                .extracting(Act::instance, Act::action, Act::site)
                .containsExactly(tuple(instance, Action.Moving, site));
        assertThat(decision.refusals()).isEmpty();
    }

    static Stream<Arguments> refusing() {
        return Stream.of(
                arguments("Expired", expires("2026-11-24T10:00:00Z"), FRESH),
                arguments("NoTarget", to(new Target.Nowhere()), FRESH),
                arguments("NoTarget", event(Kind.PREPARE, new Target.Nowhere(), null, null, null), FRESH),
                arguments("SiteCordoned", event(Kind.PREPARE, new Target.Site("edge-c"), null, null, null), FRESH),
                arguments("UnknownSite", event(Kind.ABORT, zone("zone-z").to(), null, null, null), FRESH),
                arguments("UnknownSite", to(new Target.Site("edge-z")), FRESH),
                arguments("UnknownSite", zone("edge-b"), FRESH),
                arguments("UnknownSite", endpoint("edge-b"), FRESH),
                arguments("AmbiguousZone", zone("shared"), FRESH),
                arguments("SiteCordoned", to(new Target.Site("edge-c")), FRESH),
                arguments("SiteNotAllowed", to(EDGE_B), kept()),
                arguments("SiteNotAllowed", event(Kind.PREPARE, EDGE_B, null, null, null), kept()),
                arguments("StaleTime", at(NOW.minusNanos(1)), knows("//ran e-1", null)),
                arguments("Duplicate", to(EDGE_B), knows("//ran e-2", null)),
                arguments("StaleSequence", sequence("0016"), knows("//ran e-1", "0017")),
                arguments("StaleSequence", sequence("0017"), knows("//ran e-1", "0017")),
                arguments("StaleSequence", sequence("9"), knows("//ran e-1", "17")),
                arguments("StaleSequence", sequence("a"), knows("//ran e-1", "b")));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("refusing")
    void refuses(String code, MobilityEvent event, KnownInstance instance) {
        MobilityDecision decision = decide(event, instance);

        assertThat(decision.acts()).isEmpty();
        assertThat(decision.refusals()).extracting(Reason::code).containsExactly(code);
    }

    @Test
    void everyInstanceForItself() {
        MobilityDecision decision = decide(sequence("5"), FRESH, knows("//ran e-1", "6"));

        assertThat(decision.acts()).extracting(Act::instance).containsExactly(FRESH);
        assertThat(decision.refusals()).extracting(Reason::code).containsExactly("StaleSequence");
    }

    @Test
    void whatIsOverAsksForNothing() {
        MobilityEvent over = event(Kind.DONE, new Target.Nowhere(), null, null, null);

        assertThat(decide(over, FRESH).acts()).containsExactly(new Act(FRESH, Action.NothingToDo, null, NOTHING));
    }

    static Stream<Arguments> confirming() {
        Remembered.Moved here = new Remembered.Moved("edge-b", "edge-a", NOW.minusSeconds(9));
        return Stream.of(
                arguments(true, "nothing is remembered", null, null, FRESH),
                arguments(
                        true, "the last move led there", null, null, instance(null, new Remembered(here, null, null))),
                arguments(false, "a later event is compared with its sequence", "1", null, FRESH),
                arguments(false, "a later event is compared with its time", null, NOW, FRESH),
                arguments(
                        false,
                        "the last move led elsewhere",
                        null,
                        null,
                        instance(null, new Remembered(new Remembered.Moved("edge-a", "edge-b", NOW), null, null))),
                arguments(
                        false,
                        "a move back is held",
                        null,
                        null,
                        instance(null, new Remembered(here, new Remembered.Held("edge-b", "edge-a", NOW), null))),
                arguments(
                        false,
                        "a move is announced",
                        null,
                        null,
                        instance(
                                null,
                                new Remembered(here, null, new Remembered.Prepared("edge-b", "//ran e-1", null)))),
                arguments(
                        false,
                        "it is not there yet",
                        null,
                        null,
                        new KnownInstance("functions", "cart-1", "edge-a", "edge-b", true, null, null, NOTHING, ALL)));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("confirming")
    void whatIsSoAlreadyIsWrittenOnlyIfThatChangesAnything(
            boolean known, String name, String sequence, Instant time, KnownInstance instance) {
        MobilityEvent event = event(Kind.MOVE, new Target.Site("edge-a"), sequence, time, null);

        assertThat(decide(event, instance).acts())
                .extracting(Act::action, Act::site)
                .containsExactly(tuple(known ? Action.NothingToDo : Action.Moving, "edge-a"));
    }

    @Test
    void aUserWithoutInstance() {
        MobilityDecision decision = decide(to(EDGE_B));

        assertThat(decision.refusals()).extracting(Reason::code).containsExactly("NoInstance");
    }
}
