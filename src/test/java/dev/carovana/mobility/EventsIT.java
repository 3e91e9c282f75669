// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import dev.carovana.api.KubernetesApi;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.Namespaces;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.rest.Hub;
import dev.carovana.rest.Problem;
import dev.carovana.rest.RestOnly;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events in front of a real kube-apiserver. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
class EventsIT {
    @Inject
    KubernetesClient client;

    @Inject
    SeenEvents seen;

    @Inject
    InstanceCache instances;

    @Inject
    Namespaces namespaces;

    private static long clock = 1_795_489_200L;

    private final String id = UUID.randomUUID().toString();
    private Hub hub;

    @BeforeEach
    void prepare() {
        hub = new Hub(client);
        hub.prepare();
        hub.clear();
        hub.instance("cart-1", "alice", "edge-a");
        hub.instance("chat-1", "alice", "edge-a");
        hub.instance("cart-2", "bob", "edge-a");
        // what is made elsewhere is known a little later: EarlyEventsIT is about that
        await().until(() -> instances.of(Set.of("alice")).size() == 2
                && instances.of(Set.of("bob")).size() == 1);
    }

    private void carol(String... aliases) {
        hub.instance("cart-3", "carol", "edge-a", aliases);
        await().until(() -> !instances.of(Set.of(aliases)).isEmpty());
    }

    private RequestSpecification admin() {
        return given().auth().oauth2(hub.token("admin"));
    }

    private static String event(String id, String sequence, String to) {
        return """
                {"specversion":"1.0","id":"%s","source":"//ran","type":"dev.carovana.user.moved.v1","sequence":"%s",
                 "data":{"user":{"id":"alice"},"to":%s}}"""
                .formatted(id, sequence, to);
    }

    private ValidatableResponse send(String event) {
        return admin().contentType(CloudEvents.STRUCTURED)
                .body(event)
                .post("/events")
                .then();
    }

    private ValidatableResponse notify(String notification) {
        return admin().contentType("application/json")
                .body(notification)
                .post("/events")
                .then();
    }

    private ValidatableResponse relocate(String operation, String request) {
        return admin().contentType("application/json")
                .body(request)
                .post("/eees-appctxtreloc/v1/" + operation)
                .then();
    }

    /** Notifications have no id: those with the same time are the same. */
    private static String stamped(String example, long second) {
        return Examples.text(example).replace("1795489200", "" + second);
    }

    private String site(String instance) {
        return hub.get(instance).getSpec().site();
    }

    @Test
    void movesEveryInstanceOfTheUserAndNoOther() {
        send(event(id, "7", "{\"zone\":\"zone-b\"}"))
                .statusCode(202)
                .body("accepted.instance", containsInAnyOrder("cart-1", "chat-1"))
                .body("accepted.site", contains("edge-b", "edge-b"))
                .body("refused", hasSize(0));

        assertThat(site("cart-1")).isEqualTo("edge-b");
        assertThat(site("chat-1")).isEqualTo("edge-b");
        assertThat(site("cart-2")).isEqualTo("edge-a");
        assertThat(hub.get("cart-1").getMetadata().getAnnotations())
                .containsEntry(MobilityAnnotations.LAST_EVENT, "//ran " + id)
                .containsEntry(MobilityAnnotations.LAST_SEQUENCE, "7")
                .containsEntry(MobilityAnnotations.REASON, "UserMobility");
    }

    @Test
    void anEventCountsOnce() {
        send(event(id, "7", "{\"cluster\":\"edge-b\"}")).body("accepted", hasSize(2));

        send(event(id, "8", "{\"cluster\":\"edge-a\"}")).statusCode(202).body("refused.code", contains("Duplicate"));

        assertThat(site("cart-1")).isEqualTo("edge-b");
    }

    @Test
    void aRestartForgetsNothing() {
        send(event(id, "7", "{\"cluster\":\"edge-b\"}")).body("accepted", hasSize(2));
        seen.forget("//ran " + id); // what a restart does

        send(event(id, "7", "{\"cluster\":\"edge-a\"}")).body("refused.code", contains("Duplicate", "Duplicate"));
        send(event(UUID.randomUUID().toString(), "6", "{\"cluster\":\"edge-a\"}"))
                .body("refused.code", contains("StaleSequence", "StaleSequence"));

        assertThat(site("cart-1")).isEqualTo("edge-b");
    }

    @Test
    void whatWasRefusedMayComeAgain() {
        send(event(id, "7", "{\"cluster\":\"edge-z\"}")).statusCode(202).body("refused.code", contains("UnknownSite"));
        send(event(id, "7", "{\"cluster\":\"edge-b\"}")).body("accepted", hasSize(2));
    }

    @Test
    void nobodyIsSentWhereTheirNamespaceDoesNotAllow() {
        allowSites("edge-a");

        send(event(id, "7", "{\"cluster\":\"edge-b\"}"))
                .statusCode(202)
                .body("accepted", hasSize(0))
                .body("refused.code", contains("SiteNotAllowed", "SiteNotAllowed"));

        assertThat(site("cart-1")).isEqualTo("edge-a");
        allowSites(null);
        send(event(id, "7", "{\"cluster\":\"edge-b\"}")).body("accepted", hasSize(2));
    }

    private void allowSites(String annotation) {
        hub.allowSites(annotation);
        await().until(() ->
                Objects.equals(namespaces.allowedSitesSeen(Hub.NAMESPACE).annotation(), annotation));
    }

    @Test
    void batchMode() {
        String batch = "[" + event(id, "1", "{\"cluster\":\"edge-b\"}") + ","
                + event(UUID.randomUUID().toString(), "2", "{\"cluster\":\"edge-a\"}") + "]";

        admin().contentType(CloudEvents.BATCH)
                .body(batch)
                .post("/events")
                .then()
                .statusCode(202)
                .body("accepted", hasSize(4));

        assertThat(site("cart-1")).isEqualTo("edge-a");
    }

    @Test
    void aBatchIsTakenAsAWhole() {
        admin().contentType(CloudEvents.BATCH)
                .body("[" + event(id, "1", "{\"cluster\":\"edge-b\"}") + ",{}]")
                .post("/events")
                .then()
                .statusCode(400)
                .body("errors.field", contains("[1].specversion"));

        assertThat(site("cart-1")).isEqualTo("edge-a");
    }

    @Test
    void binaryMode() {
        admin().contentType("application/json")
                .header("ce-specversion", "1.0")
                .header("ce-id", id)
                .header("ce-source", "//ran")
                .header("ce-type", MovedEvents.TYPE)
                .body("{\"user\":{\"id\":\"bob\"},\"to\":{\"cluster\":\"edge-b\"}}")
                .post("/events")
                .then()
                .statusCode(202)
                .body("accepted.instance", contains("cart-2"));
    }

    @Test
    void whatIsNoEventOfOurs() {
        send("{\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\"}")
                .statusCode(400)
                .contentType(Problem.MEDIA_TYPE)
                .body("errors.field", contains("id"));
        send(event(id, "1", "{}").replace(MovedEvents.TYPE, "com.example.other"))
                .statusCode(422)
                .body("errors.field", contains("type"));
        notify("{}").statusCode(400).body("errors.field", contains("notificationType"));
        notify("{\"notificationType\":\"AdjacentAppInfoNotification\"}")
                .statusCode(422)
                .body("errors.field", contains("notificationType"));
        admin().contentType("text/plain").body("{}").post("/events").then().statusCode(415);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mec021-triggered", "mec021-strings", "mec013-entering"})
    void notificationsOfEtsiNameTheUserByAnAlias(String example) {
        carol("ipv4:10.100.0.1", "gpsi:msisdn-390501234567");

        notify(stamped(example, ++clock))
                .statusCode(202)
                .body("accepted.instance", contains("cart-3"))
                .body("accepted.action", contains("Moving"))
                .body("refused", hasSize(0));

        assertThat(site("cart-3")).isEqualTo("edge-b");
        assertThat(site("cart-1")).isEqualTo("edge-a");
    }

    @Test
    void aNotificationThatWasOvertakenIsStale() {
        carol("ipv4:10.100.0.1");
        clock += 2;
        String entering = stamped("mec013-entering", clock);
        notify(entering).body("accepted.site", contains("edge-b"));
        seen.forget(hub.get("cart-3").getMetadata().getAnnotations().get(MobilityAnnotations.LAST_EVENT));

        notify(entering).body("refused.code", contains("Duplicate"));
        notify(stamped("mec013-entering", clock - 1).replace("zone-b", "zone-a"))
                .body("refused.code", contains("StaleTime"));
        notify(stamped("mec013-entering", ++clock).replace("zone-b", "zone-a"))
                .body("accepted.site", contains("edge-a"));
    }

    @Test
    void aRelocationRequestOf3gppIsAnsweredAsTheStandardSays() {
        String initiate = Examples.text("acr-initiate");
        relocate("initiate", initiate)
                .statusCode(404)
                .contentType(Problem.MEDIA_TYPE)
                .body("cause", equalTo("NoInstance"));
        carol("gpsi:extid-alice@example.org");

        relocate("initiate", initiate).statusCode(204);
        assertThat(site("cart-3")).isEqualTo("edge-b");
        relocate("declare", initiate.replace("edge-b", "edge-a")).statusCode(204);
        assertThat(site("cart-3")).isEqualTo("edge-a");

        relocate("initiate", initiate.replace("edge-b", "edge-z"))
                .statusCode(422)
                .body("cause", equalTo("UnknownSite"));
        relocate("initiate", initiate.replace("tEasEndpoint", "endpoint"))
                .statusCode(400)
                .body("errors.field", contains("tEasEndpoint"));
    }

    private static String phase(String event, String phase) {
        return event.replace("\"to\"", "\"phase\":\"" + phase + "\",\"expectedAt\":\"2026-11-24T03:00:20Z\",\"to\"");
    }

    private ValidatableResponse cart1() {
        return admin().get("/api/v1/instances/functions/cart-1").then().statusCode(200);
    }

    @Test
    void anAnnouncementIsKeptUntilTheUserMoves() {
        send(phase(event(id, "7", "{\"cluster\":\"edge-b\"}"), "predicted"))
                .statusCode(202)
                .body("accepted.action", contains("Prepared", "Prepared"));
        assertThat(site("cart-1")).isEqualTo("edge-a");
        cart1().body("prepared.site", equalTo("edge-b"))
                .body("prepared.event", equalTo("//ran " + id))
                .body("prepared.expectedAt", equalTo("2026-11-24T03:00:20Z"));

        send(event(UUID.randomUUID().toString(), "8", "{\"cluster\":\"edge-b\"}"))
                .body("accepted.action", contains("Moving", "Moving"));
        cart1().body("prepared", nullValue());
        assertThat(hub.get("cart-1").getMetadata().getAnnotations())
                .doesNotContainKey("carovana.dev/prepared-site")
                .containsEntry("carovana.dev/moved-from", "edge-a");
    }

    @Test
    void whatIsCancelledIsWithdrawn() {
        hub.runs("cart-2", "edge-a", 1, null);
        String bob = event(id, "7", "{\"cluster\":\"edge-b\"}").replace("alice", "bob");
        send(bob).body("accepted.action", contains("Moving"));

        send(phase(bob.replace(id, UUID.randomUUID().toString()).replace("\"7\"", "\"8\""), "cancelled"))
                .statusCode(202)
                .body("accepted.action", contains("Aborted"))
                .body("accepted.site", contains("edge-a"));

        assertThat(site("cart-2")).isEqualTo("edge-a");
    }

    @ParameterizedTest
    @EnumSource(names = {"Pending", "Preparing", "Handover", "Restoring"})
    void aMigrationIsAbortedBeforeItsHandoverOnly(MigrationPhase phase) {
        hub.runs("cart-2", "edge-a", 1, "cart-2-2");
        String bob = event(id, "7", "{\"cluster\":\"edge-b\"}").replace("alice", "bob");
        send(bob).body("accepted.action", contains("Moving"));
        hub.migration("cart-2-2", "cart-2", phase);

        ValidatableResponse answer =
                send(phase(bob.replace(id, UUID.randomUUID().toString()).replace("\"7\"", "\"8\""), "cancelled"));

        boolean late = phase == MigrationPhase.Restoring;
        answer.body(late ? "refused.code" : "accepted.action", contains(late ? "HandedOver" : "Aborted"));
        assertThat(hub.getMigration("cart-2-2") == null).isEqualTo(!late);
    }

    @Test
    void everyFormatNeedsTheRight() {
        for (String path : List.of("/events", "/eees-appctxtreloc/v1/initiate")) {
            given().contentType("application/json").body("{}").post(path).then().statusCode(401);
            given().auth()
                    .oauth2(hub.token("nobody"))
                    .contentType("application/json")
                    .body("{}")
                    .post(path)
                    .then()
                    .statusCode(403);
        }
    }

    @Test
    void counts() {
        send(event(id, "7", "{\"cluster\":\"edge-b\"}")).statusCode(202);
        notify(Examples.text("mec021-strings").replace("MOVEOUT", "MOVE")).statusCode(400);

        String metrics =
                given().get("/q/metrics").then().statusCode(200).extract().asString();
        assertThat(metrics)
                .containsPattern("carovana_events_total\\{format=\"cloudevents\",result=\"Moving\"} [1-9]")
                .containsPattern("carovana_events_total\\{format=\"mec021\",result=\"Malformed\"} [1-9]");
    }
}
