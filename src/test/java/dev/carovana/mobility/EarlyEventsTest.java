// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Origin;
import dev.carovana.model.MobilityEvent.Target;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EarlyEventsTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:10.500Z");

    private final EarlyEvents early = new EarlyEvents();

    private static MobilityEvent event(String id, String subject) {
        return new MobilityEvent(
                new Origin("//ran", id, null, null), Kind.MOVE, Set.of(subject), new Target.Site("edge-b"), null, null);
    }

    private static FunctionInstance instance(Instant made, String user, String... aliases) {
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(
                new ObjectMetaBuilder().withCreationTimestamp(made.toString()).build());
        instance.setSpec(new FunctionInstanceSpec(
                new FunctionInstanceSpec.FunctionRef("apps/v1", "Deployment", "cart"),
                user,
                "edge-a",
                List.of(aliases)));
        return instance;
    }

    @Test
    void anInstanceLearnsOnceWhatWasSaidOfItsUserInOrder() {
        early.keep(event("1", "alice"), NOW);
        early.keep(event("2", "bob"), NOW);
        early.keep(event("3", "ipv6:2001:db8:0:0:0:0:0:1"), NOW.plusMillis(1));
        FunctionInstance alice = instance(NOW.minusSeconds(1), "alice", "ipv6:2001:DB8::1");

        assertThat(early.take(alice, NOW.plusMillis(2)))
                .extracting(e -> e.origin().id())
                .containsExactly("1", "3");
        assertThat(early.take(alice, NOW.plusMillis(3))).isEmpty();
    }

    @Test
    void whatWasMadeAfterAnEventIsNewer() {
        early.keep(event("1", "alice"), NOW);

        assertThat(early.take(instance(Instant.parse("2026-11-24T10:00:11Z"), "alice"), NOW.plusSeconds(1)))
                .isEmpty();
    }

    @Test
    void withinASecondTheEventCounts() {
        early.keep(event("1", "alice"), NOW);

        assertThat(early.take(instance(Instant.parse("2026-11-24T10:00:10Z"), "alice"), NOW))
                .hasSize(1);
    }

    @Test
    void whatIsOldOrWasOvertakenIsForgotten() {
        early.keep(event("1", "alice"), NOW);
        early.keep(event("2", "bob"), NOW);
        early.forget(Set.of("bob"));

        assertThat(early.take(instance(NOW.minusSeconds(1), "alice"), NOW.plusSeconds(6)))
                .isEmpty();
        assertThat(early.take(instance(NOW.minusSeconds(1), "bob"), NOW)).isEmpty();
    }

    @Test
    void onlySoManyAreKept() {
        IntStream.rangeClosed(0, 20_000).forEach(i -> early.keep(event("" + i, "user-" + i), NOW));

        assertThat(early.take(instance(NOW.minusSeconds(1), "user-0"), NOW)).isEmpty();
        assertThat(early.take(instance(NOW.minusSeconds(1), "user-1"), NOW)).hasSize(1);
    }
}
