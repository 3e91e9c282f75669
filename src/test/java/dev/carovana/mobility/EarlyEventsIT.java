// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.KubernetesApi;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.controller.InstanceCache;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.MobilityDecision.Act.Action;
import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Origin;
import dev.carovana.model.MobilityEvent.Target;
import dev.carovana.rest.Hub;
import dev.carovana.rest.RestOnly;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Events that come while the cache of instances is late: each counts, and counts once. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
class EarlyEventsIT {
    @Inject
    KubernetesClient client;

    @Inject
    Mobility mobility;

    @Inject
    InstanceCache instances;

    private Hub hub;

    @BeforeEach
    void prepare() {
        hub = new Hub(client);
        hub.prepare();
        hub.clear();
        await().until(() -> instances.of(Set.of("dave")).isEmpty());
    }

    private static MobilityEvent event(String site, String sequence) {
        return new MobilityEvent(
                new Origin("//ran", UUID.randomUUID().toString(), sequence, null),
                Kind.MOVE,
                Set.of("dave"),
                new Target.Site(site),
                null,
                null);
    }

    private void awaitSite(String site) {
        await().until(() -> hub.get("cart-4").getSpec().site().equals(site));
    }

    /** Whether the cache has the instance by then is left to chance. */
    @RepeatedTest(20)
    void anEventRightAfterTheInstanceWasMadeIsNotLost() {
        hub.instance("cart-4", "dave", "edge-a");
        mobility.handle(event("edge-b", null));

        awaitSite("edge-b");
    }

    @Test
    void anEventJustBeforeAnAliasIsNotLost() {
        hub.instance("cart-4", "other", "edge-a");
        assertThat(mobility.handle(event("edge-b", null)).refused()).hasSize(1);

        client.resources(FunctionInstance.class)
                .inNamespace(Hub.NAMESPACE)
                .withName("cart-4")
                .edit(i -> {
                    i.setSpec(new FunctionInstanceSpec(i.getSpec().function(), "other", "edge-a", List.of("dave")));
                    return i;
                });

        awaitSite("edge-b");
    }

    @RepeatedTest(10)
    void eventsRightAfterEachOtherAreDecidedUponWhatTheOneBeforeHasWritten() {
        hub.instance("cart-4", "dave", "edge-a");
        await().until(() -> !instances.of(Set.of("dave")).isEmpty());

        assertThat(mobility.handle(event("edge-b", "7")).accepted()).hasSize(1);
        assertThat(mobility.handle(event("edge-a", "6")).refused())
                .extracting(EventsAnswer.Refused::code)
                .containsExactly("StaleSequence");
        assertThat(mobility.handle(event("edge-a", "8")).accepted()).hasSize(1);

        assertThat(hub.get("cart-4").getSpec().site()).isEqualTo("edge-a");
        assertThat(hub.get("cart-4").getMetadata().getAnnotations())
                .containsEntry(MobilityAnnotations.LAST_SEQUENCE, "8");
    }

    @RepeatedTest(10)
    void aRefusalIsReadAgainAtTheServer() {
        hub.instance("cart-4", "dave", "edge-a");
        await().until(() -> !instances.of(Set.of("dave")).isEmpty());
        mobility.handle(event("edge-b", "7"));
        client.resources(FunctionInstance.class)
                .inNamespace(Hub.NAMESPACE)
                .withName("cart-4")
                .delete();
        hub.instance("cart-4", "dave", "edge-a");

        // the instance that the cache may still have would refuse it
        mobility.handle(event("edge-b", "6"));

        awaitSite("edge-b");
    }

    @Test
    void aSiteThatIsNewIsKnown() {
        hub.instance("cart-4", "dave", "edge-a");
        await().until(() -> !instances.of(Set.of("dave")).isEmpty());
        String name = "edge-" + UUID.randomUUID();
        Site site = new Site();
        site.setMetadata(new ObjectMetaBuilder().withName(name).build());
        site.setSpec(new SiteSpec(new SiteSpec.Liqo(name.substring(0, 20)), null, null, null, null, null, null, null));
        client.resource(site).create();

        assertThat(mobility.handle(event(name, null)).accepted())
                .extracting(EventsAnswer.Accepted::action)
                .containsExactly(Action.Moving);

        client.resources(Site.class).withName(name).delete();
    }
}
