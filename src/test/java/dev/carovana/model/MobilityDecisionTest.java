// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.carovana.model.MobilityDecision.KnownInstance;
import dev.carovana.model.MobilityDecision.KnownSite;
import dev.carovana.model.MobilityEvent.Phase;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MobilityDecisionTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
    private static final List<KnownSite> SITES = List.of(
            new KnownSite("edge-a", List.of("zone-a", "shared"), false),
            new KnownSite("edge-b", List.of("zone-b", "shared"), false),
            new KnownSite("edge-c", List.of("zone-c"), true));
    private static final KnownInstance FRESH = new KnownInstance("functions", "cart-1", null, null);

    private static MobilityEvent to(String cluster, String zone) {
        return new MobilityEvent("//ran", "e-2", null, null, "alice", cluster, zone, null);
    }

    private static MobilityEvent expires(String at) {
        return new MobilityEvent("//ran", "e-2", null, Instant.parse(at), "alice", "edge-b", null, null);
    }

    private static MobilityEvent sequence(String sequence) {
        return new MobilityEvent("//ran", "e-2", sequence, null, "alice", "edge-b", null, null);
    }

    private static MobilityEvent phase(Phase phase) {
        return new MobilityEvent("//ran", "e-2", null, null, "alice", "edge-b", null, phase);
    }

    private static KnownInstance knows(String event, String sequence) {
        return new KnownInstance("functions", "cart-1", event, sequence);
    }

    static Stream<Arguments> moving() {
        return Stream.of(
                arguments("by cluster", to("edge-b", null), FRESH, "edge-b"),
                arguments("by zone", to(null, "zone-a"), FRESH, "edge-a"),
                arguments("the cluster counts more", to("edge-b", "zone-a"), FRESH, "edge-b"),
                arguments("not yet expired", expires("2026-11-24T10:00:00.001Z"), FRESH, "edge-b"),
                arguments("in progress", phase(Phase.IN_PROGRESS), FRESH, "edge-b"),
                arguments("completed", phase(Phase.COMPLETED), FRESH, "edge-b"),
                arguments("another event", to("edge-b", null), knows("//ran e-1", null), "edge-b"),
                arguments("next in sequence", sequence("0018"), knows("//ran e-1", "0017"), "edge-b"),
                arguments("numbers, not text", sequence("100"), knows("//ran e-1", "99"), "edge-b"),
                arguments("another source counts anew", sequence("1"), knows("//core e-1", "17"), "edge-b"),
                arguments("a source that begins the same", sequence("1"), knows("//ran2 e-1", "17"), "edge-b"),
                arguments("no sequence before", sequence("1"), knows("//ran e-1", null), "edge-b"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("moving")
    void moves(String name, MobilityEvent event, KnownInstance instance, String site) {
        MobilityDecision decision = MobilityDecision.decide(event, NOW, List.of(instance), SITES);

        assertThat(decision.moves()).containsExactly(new MobilityDecision.Move(instance, site));
        assertThat(decision.refusals()).isEmpty();
    }

    static Stream<Arguments> refusing() {
        return Stream.of(
                arguments("Expired", expires("2026-11-24T10:00:00Z"), FRESH),
                arguments("NotMoving", phase(Phase.PREDICTED), FRESH),
                arguments("NotMoving", phase(Phase.CANCELLED), FRESH),
                arguments("UnknownSite", to("edge-z", null), FRESH),
                arguments("UnknownSite", to(null, "zone-z"), FRESH),
                arguments("AmbiguousZone", to(null, "shared"), FRESH),
                arguments("SiteCordoned", to("edge-c", null), FRESH),
                arguments("Duplicate", to("edge-b", null), knows("//ran e-2", null)),
                arguments("StaleSequence", sequence("0016"), knows("//ran e-1", "0017")),
                arguments("StaleSequence", sequence("0017"), knows("//ran e-1", "0017")),
                arguments("StaleSequence", sequence("9"), knows("//ran e-1", "17")),
                arguments("StaleSequence", sequence("a"), knows("//ran e-1", "b")));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("refusing")
    void refuses(String code, MobilityEvent event, KnownInstance instance) {
        MobilityDecision decision = MobilityDecision.decide(event, NOW, List.of(instance), SITES);

        assertThat(decision.moves()).isEmpty();
        assertThat(decision.refusals()).extracting(Reason::code).containsExactly(code);
    }

    @Test
    void everyInstanceForItself() {
        MobilityDecision decision =
                MobilityDecision.decide(sequence("5"), NOW, List.of(FRESH, knows("//ran e-1", "6")), SITES);

        assertThat(decision.moves()).extracting(MobilityDecision.Move::instance).containsExactly(FRESH);
        assertThat(decision.refusals()).extracting(Reason::code).containsExactly("StaleSequence");
    }

    @Test
    void aUserWithoutInstance() {
        MobilityDecision decision = MobilityDecision.decide(to("edge-b", null), NOW, List.of(), SITES);

        assertThat(decision.refusals()).extracting(Reason::code).containsExactly("NoInstance");
    }
}
