// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.InstanceCalls;
import dev.carovana.link.v1.InstanceRoute;
import dev.carovana.link.v1.Peer;
import dev.carovana.link.v1.Unwanted;
import dev.carovana.model.IdleTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What gateways are told of functions, instances and each other, and what they ask for. */
@OnControllerBed
class GatewaysIT {
    private final ControllerBed bed;

    GatewaysIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
    }

    private Optional<FunctionInstance> instanceOf(String user) {
        return bed
                .client()
                .resources(FunctionInstance.class)
                .inNamespace(ControllerBed.NAMESPACE)
                .list()
                .getItems()
                .stream()
                .filter(i -> i.getSpec().user().equals(user))
                .findFirst();
    }

    private static Unwanted answer(FakeGateway gateway, String user) {
        return await("answer for " + user)
                .until(
                        () -> gateway.unwanted().stream()
                                .filter(u -> u.getUser().equals(user))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    @Test
    void hearsEverythingAndThenWhatChanges() {
        bed.running("known");
        FakeGateway gateway = bed.gateways().add("edge-a", "one");
        InstanceRoute known = gateway.awaitSynced(1).get("known");
        assertThat(known.getFunction()).isEqualTo("cart");
        assertThat(known.getUser()).isEqualTo("user-of-known");
        assertThat(known.getSite()).isEqualTo("edge-a");
        assertThat(known.getEpoch()).isEqualTo(1);
        assertThat(known.getHost()).isEqualTo(bed.pod("known-1").getStatus().getPodIP());
        assertThat(gateway.function("cart").getPort()).isEqualTo(8080);

        bed.function("cart", Map.of("carovana.dev/port", "9000", "carovana.dev/hosts", "cart.example.org"));
        await().untilAsserted(() -> {
            FunctionRoute changed = gateway.function("cart");
            assertThat(changed.getPort()).isEqualTo(9000);
            assertThat(changed.getHostsList()).containsExactly("cart.example.org");
        });
        bed.function("cart", Map.of());

        bed.running("later");
        InstanceRoute later = gateway.awaitRoute("later", r -> !r.getHost().isEmpty());
        assertThat(later.getHost()).isEqualTo(bed.pod("later-1").getStatus().getPodIP());
        bed.client().resource(bed.instance("later")).delete();
        await().until(() -> gateway.route("later") == null);

        bed.function("shortlived", Map.of());
        await().until(() -> gateway.function("shortlived") != null);
        bed.client()
                .apps()
                .deployments()
                .inNamespace(ControllerBed.NAMESPACE)
                .withName("shortlived")
                .delete();
        await().until(() -> gateway.function("shortlived") == null);
    }

    @Test
    void gatewaysHearOfEachOtherAndTheSiteCountsThem() {
        FakeGateway one = bed.gateways().add("edge-a", "one");
        FakeGateway two = bed.gateways().add("edge-a", "two");
        FakeGateway three = bed.gateways().add("edge-b", "three");
        for (FakeGateway gateway : List.of(one, two, three)) {
            await().untilAsserted(() -> assertThat(gateway.peers().getPeersList())
                    .extracting(Peer::getAddress)
                    .containsExactly("one:8443", "two:8443", "three:8443"));
        }
        await().until(() ->
                Integer.valueOf(2).equals(bed.hub().get("edge-a").getStatus().gateways()));

        two.close();
        await().untilAsserted(() -> assertThat(three.peers().getPeersList())
                .extracting(Peer::getName)
                .containsExactly("one", "three"));
        await().until(() ->
                Integer.valueOf(1).equals(bed.hub().get("edge-a").getStatus().gateways()));
    }

    @Test
    void aGatewayOfAnotherSiteIsRefused() {
        FakeGateway liar = bed.gateways().open("edge-b", "edge-a", "liar");

        await().until(() -> !liar.refused().isEmpty());
        assertThat(liar.refused()).contains("gateway.edge-a", "gateway.edge-b");
        assertThat(liar.synced()).isZero();
    }

    @Test
    void aUserWhoCallsGetsAnInstanceAtTheGatewaysSite() {
        FakeGateway gateway = bed.gateways().add("edge-b", "one");

        gateway.want("cart", "newcomer");
        gateway.want("cart", "newcomer");

        FunctionInstance made =
                await().until(() -> instanceOf("newcomer"), Optional::isPresent).orElseThrow();
        assertThat(made.getSpec().site()).isEqualTo("edge-b");
        String name = made.getMetadata().getName();
        InstanceRoute route = gateway.awaitRoute(name, r -> !r.getHost().isEmpty());
        assertThat(route.getUser()).isEqualTo("newcomer");
        assertThat(route.getSite()).isEqualTo("edge-b");
        assertThat(gateway.unwanted()).isEmpty();
    }

    @Test
    void whereTheGatewaysSiteTakesNoneAnotherOneDoes() {
        FakeGateway gateway = bed.gateways().add("edge-b", "one");
        bed.site("edge-b", true, null);
        bed.hub().allow("edge-b,edge-c");
        // the controller's own view of the site may be a moment old
        await().pollDelay(Duration.ofMillis(500))
                .until(() -> bed.hub().get("edge-b").getSpec().cordoned());

        gateway.want("cart", "neighbour");

        FunctionInstance made = await().until(() -> instanceOf("neighbour"), Optional::isPresent)
                .orElseThrow();
        assertThat(made.getSpec().site()).isEqualTo("edge-c");
    }

    @Test
    void aUserWhoGetsNoneIsToldWhy() {
        bed.function("rare", Map.of("carovana.dev/max-instances", "1"));
        bed.create("only-one", "rare", "edge-a");
        FakeGateway gateway = bed.gateways().add("edge-a", "one");

        gateway.want("nothing", "lost");
        Unwanted noFunction = answer(gateway, "lost");
        assertThat(noFunction.getCode()).isEqualTo("FunctionNotFound");
        assertThat(noFunction.getFinal()).isTrue();

        gateway.want("rare", "second");
        Unwanted limit = answer(gateway, "second");
        assertThat(limit.getCode()).isEqualTo("FunctionLimit");
        assertThat(limit.getMessage()).contains("carovana.dev/max-instances", "1");
        assertThat(limit.getFinal()).isTrue();

        bed.hub().allow("");
        gateway.want("cart", "nowhere");
        Unwanted noSite = answer(gateway, "nowhere");
        assertThat(noSite.getCode()).isEqualTo("NoSite");
        assertThat(noSite.getFinal()).isFalse();
        assertThat(instanceOf("nowhere")).isEmpty();
    }

    @Test
    void writesWhenAnInstanceThatMayEndWasCalledLast() {
        bed.function("idle", Map.of("carovana.dev/idle-timeout", "1h"));
        bed.create("idle-one", "idle", "edge-a");
        bed.running("busy-one");
        FakeGateway gateway = bed.gateways().add("edge-a", "one");
        gateway.awaitRoute("idle-one", r -> !r.getHost().isEmpty());

        Instant before = Instant.now();
        gateway.calls(InstanceCalls.newBuilder().setInstance("busy-one").setLastCallAgeMillis(5000));
        gateway.calls(InstanceCalls.newBuilder().setInstance("idle-one").setLastCallAgeMillis(5000));

        await().atMost(Duration.ofSeconds(20)).until(() -> lastCall("idle-one") != null);
        assertThat(lastCall("idle-one"))
                .isBetween(before.minusSeconds(5), Instant.now().minusSeconds(5));
        assertThat(bed.instance("busy-one").getMetadata().getAnnotations())
                .as("its function never ends it")
                .isNullOrEmpty();
    }

    @Test
    void anOlderCallIsNotWrittenOverALaterOne() {
        bed.function("idle", Map.of("carovana.dev/idle-timeout", "1h"));
        bed.create("idle-two", "idle", "edge-a");
        FakeGateway gateway = bed.gateways().add("edge-a", "one");
        gateway.awaitRoute("idle-two", r -> !r.getHost().isEmpty());
        Instant later = Instant.now().minusSeconds(60);
        called("idle-two", later);

        // as of a gateway that has just come back, and a controller that knows of no call yet
        gateway.calls(InstanceCalls.newBuilder().setInstance("idle-two").setLastCallAgeMillis(1_800_000));
        bed.create("idle-three", "idle", "edge-a");
        gateway.awaitRoute("idle-three", r -> !r.getHost().isEmpty());
        gateway.calls(InstanceCalls.newBuilder().setInstance("idle-three").setLastCallAgeMillis(0));

        await("what was told after it is written")
                .atMost(Duration.ofSeconds(20))
                .until(() -> lastCall("idle-three") != null);
        assertThat(lastCall("idle-two")).isEqualTo(later);
    }

    /** No call is lost between a gateway's reports: calls wait, and each gateway is heard, before an instance is removed. */
    @Test
    void aCallThatIsToldOfAtTheLastMomentKeepsItsInstance() {
        bed.function("brief", Map.of("carovana.dev/idle-timeout", "20s"));
        bed.create("brief", "brief", "edge-a");
        String uid = bed.awaitInstance("brief", i -> isRunningAt(i, "edge-a"))
                .getMetadata()
                .getUid();
        FakeGateway gateway = bed.gateways().add("edge-a", "one");
        gateway.awaitRoute("brief", r -> !r.getHost().isEmpty());

        called("brief", Instant.now().minusSeconds(3600));
        gateway.awaitRoute("brief", r -> r.getHost().isEmpty());
        gateway.calls(InstanceCalls.newBuilder().setInstance("brief").setLastCallAgeMillis(0));

        gateway.awaitRoute("brief", r -> !r.getHost().isEmpty());
        assertThat(bed.instance("brief").getMetadata().getUid()).isEqualTo(uid);
    }

    private void called(String instance, Instant at) {
        bed.client().resource(bed.instance(instance)).edit(i -> {
            i.getMetadata().setAnnotations(Map.of(IdleTime.LAST_CALL, at.toString()));
            return i;
        });
    }

    private Instant lastCall(String instance) {
        String written = Objects.requireNonNullElse(
                        bed.instance(instance).getMetadata().getAnnotations(), Map.<String, String>of())
                .get(IdleTime.LAST_CALL);
        return written == null ? null : Instant.parse(written);
    }
}
