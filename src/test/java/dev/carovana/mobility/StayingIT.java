// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.KubernetesApi;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.instance.Moves;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.MobilityDecision.Act.Action;
import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Origin;
import dev.carovana.model.MobilityEvent.Target;
import dev.carovana.rest.Hub;
import dev.carovana.rest.RestOnly;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Events of a user who is where the instance is: what of them is written, and what is only answered. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
class StayingIT {
    private static final String NAME = "cart-5";
    private static final Pattern READS = Pattern.compile(
            "^apiserver_request_total\\{.*resource=\"functioninstances\",.*verb=\"GET\",.*} (\\S+)$",
            Pattern.MULTILINE);

    @Inject
    KubernetesClient client;

    @Inject
    Mobility mobility;

    @Inject
    InstanceCache instances;

    @Inject
    Moves moves;

    private Hub hub;

    @BeforeEach
    void isAtEdgeA() {
        hub = new Hub(client);
        hub.prepare();
        hub.clear();
        hub.instance(NAME, "erin", "edge-a");
        hub.runs(NAME, "edge-a", 1, null);
        await().until(() ->
                instances.of(Set.of("erin")).stream().anyMatch(i -> version(i).equals(version(hub.get(NAME)))));
    }

    private static String version(FunctionInstance instance) {
        return instance.getMetadata().getResourceVersion();
    }

    private EventsAnswer says(String site, String sequence) {
        return mobility.handle(new MobilityEvent(
                new Origin("//ran", UUID.randomUUID().toString(), sequence, null),
                Kind.MOVE,
                Set.of("erin"),
                new Target.Site(site),
                null,
                null));
    }

    @Test
    void whatIsSoAlreadyIsNotWritten() {
        String before = version(hub.get(NAME));

        assertThat(says("edge-a", null).accepted())
                .extracting(EventsAnswer.Accepted::action, EventsAnswer.Accepted::site)
                .containsExactly(tuple(Action.NothingToDo, "edge-a"));

        assertThat(version(hub.get(NAME))).isEqualTo(before);
    }

    @Test
    void aSequenceIsWrittenSoThatWhatIsOlderIsKnownEvenAfterARestart() {
        assertThat(says("edge-a", "7").accepted()).hasSize(1);
        assertThat(hub.get(NAME).getMetadata().getAnnotations()).containsEntry(MobilityAnnotations.LAST_SEQUENCE, "7");

        assertThat(says("edge-b", "6").refused())
                .extracting(EventsAnswer.Refused::code)
                .containsExactly("StaleSequence");
        assertThat(hub.get(NAME).getSpec().site()).isEqualTo("edge-a");
    }

    /** Whether the watch has shown the other wish by then is left to chance. */
    @RepeatedTest(10)
    void aWishThatTheControllerHasWrittenIsOlderThanTheEvent() {
        moves.write(hub.get(NAME), "edge-b", Map.of());

        says("edge-a", null);

        assertThat(hub.get(NAME).getSpec().site()).isEqualTo("edge-a");
    }

    @RepeatedTest(10)
    void aWishWrittenByHandIsOlderThanAnEventWithASequence() {
        hub.wish(NAME, "edge-b");

        says("edge-a", "8");

        assertThat(hub.get(NAME).getSpec().site()).isEqualTo("edge-a");
    }

    @Test
    void theServerIsNotAskedAboutWhoStays() {
        double before = reads();

        for (int n = 0; n < 20; n++) {
            assertThat(says("edge-a", null).accepted()).hasSize(1);
        }

        assertThat(reads()).isEqualTo(before);
    }

    /** How often instances were read at the server. */
    private double reads() {
        return READS.matcher(client.raw("/metrics"))
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .sum();
    }
}
