// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import dev.carovana.api.KubernetesApi;
import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.controller.InstanceCache;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.MobilityAnnotations;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The REST API in front of a real kube-apiserver. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
class RestIT {
    private static final String CART =
            """
            {"namespace": "functions", "function": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart"},
             "user": "alice", "userAliases": ["gpsi:msisdn-39050"], "site": "edge-a"}""";

    @Inject
    KubernetesClient client;

    @Inject
    InstanceCache instances;

    @TestHTTPResource("/api/v1/")
    URI api;

    private Hub hub;
    private FakeReconcilers reconcilers;

    @BeforeEach
    void prepare() {
        hub = new Hub(client);
        reconcilers = new FakeReconcilers(client);
        hub.prepare();
        hub.clear();
    }

    private RequestSpecification admin() {
        return given().auth().oauth2(hub.token("admin")).contentType(ContentType.JSON);
    }

    @Test
    void startsOneInstanceForAUserAndAFunction() {
        String name = admin().body(CART)
                .post("/api/v1/instances")
                .then()
                .statusCode(201)
                .header("Location", containsString("/api/v1/instances/functions/cart-"))
                .body("user", equalTo("alice"))
                .body("userAliases", contains("gpsi:msisdn-39050"))
                .extract()
                .path("name");
        admin().body(CART)
                .post("/api/v1/instances")
                .then()
                .statusCode(409)
                .contentType(Problem.MEDIA_TYPE)
                .body("detail", containsString(name));
        admin().get("/api/v1/instances?user=alice&function=cart&namespace=functions")
                .then()
                .body("name", contains(name));
        admin().get("/api/v1/instances?user=bob").then().body("", hasSize(0));

        admin().delete("/api/v1/instances/functions/" + name).then().statusCode(204);
        admin().get("/api/v1/instances/functions/" + name).then().statusCode(404);
    }

    @Test
    void theCallerNeedNotNameASite() {
        String anywhere = CART.replace(", \"site\": \"edge-a\"", "");
        reconcilers.ready("edge-a", false);
        reconcilers.ready("edge-b", false);
        admin().body(anywhere)
                .post("/api/v1/instances")
                .then()
                .statusCode(409)
                .body(
                        "detail",
                        equalTo("no site can take the instance: site edge-a: condition Ready is not true;"
                                + " site edge-b: condition Ready is not true"));
        reconcilers.ready("edge-a", true);
        reconcilers.ready("edge-b", true);
        hub.instance("cart-1", "bob", "edge-a");

        admin().body(anywhere).post("/api/v1/instances").then().statusCode(201).body("wantedSite", equalTo("edge-b"));
        hub.allowSites("edge-a");
        admin().body(anywhere.replace("alice", "carol"))
                .post("/api/v1/instances")
                .then()
                .statusCode(201)
                .body("wantedSite", equalTo("edge-a"));
        reconcilers.ready("edge-a", false);
        reconcilers.ready("edge-b", false);
    }

    @Test
    void aNamespaceAllowsCertainSitesOnly() {
        hub.instance("cart-1", "alice", "edge-a");
        hub.runs("cart-1", "edge-a", 1, null);
        hub.allowSites("edge-a");

        move("edge-b")
                .then()
                .statusCode(422)
                .body("errors.field", contains("to"))
                .body("errors[0].value", equalTo("edge-b"))
                .body(
                        "errors[0].expected",
                        equalTo("one of the sites that annotation carovana.dev/allowed-sites of namespace functions"
                                + " names: 'edge-a'"));
        admin().body(CART.replace("alice", "bob").replace("edge-a", "edge-b"))
                .post("/api/v1/instances")
                .then()
                .statusCode(422)
                .body("errors.field", contains("site"));
        assertThat(hub.get("cart-1").getSpec().site()).isEqualTo("edge-a");
    }

    @ParameterizedTest(name = "{1} instead of {0}")
    @CsvSource({
        "edge-a, edge-z, 422, site",
        "Deployment, CronJob, 422, function",
        "cart, unheard-of, 422, function",
        "alice, '', 400, user",
        "gpsi:msisdn-39050, '', 400, userAliases",
        "Deployment, '', 400, function.kind",
    })
    void saysWhichFieldIsWrong(String right, String wrong, int status, String field) {
        admin().body(CART.replace('"' + right + '"', '"' + wrong + '"'))
                .post("/api/v1/instances")
                .then()
                .statusCode(status)
                .contentType(Problem.MEDIA_TYPE)
                .body("status", equalTo(status))
                .body("errors.field", contains(field));
    }

    @Test
    void aRemoteStateFunctionHasInstancesTooAndTheyMoveWithoutAMigration() {
        String name = admin().body(CART.replace("cart", "thumbnail"))
                .post("/api/v1/instances")
                .then()
                .statusCode(201)
                .extract()
                .path("name");
        hub.isServed(name, "edge-a");

        admin().body("{\"to\": \"edge-b\"}")
                .post("/api/v1/instances/functions/" + name + "/migrations")
                .then()
                .statusCode(202)
                .header("Location", endsWith("/api/v1/instances/functions/" + name))
                .body("name", nullValue());
        assertThat(hub.get(name).getSpec().site()).isEqualTo("edge-b");
    }

    @Test
    void listsFunctionsWithWhatIsWrongOfThem() {
        hub.instance("cart-alice", "alice", "edge-a");

        admin().get("/api/v1/functions?namespace=functions")
                .then()
                .statusCode(200)
                .body("name", containsInAnyOrder("cart", "thumbnail", "single", "wrong"))
                .body("find { it.name == 'cart' }.state", equalTo("local"))
                .body("find { it.name == 'cart' }.instances", equalTo(1))
                .body("find { it.name == 'thumbnail' }.state", equalTo("remote"))
                .body("find { it.name == 'single' }.maxInstances", equalTo(1))
                .body("find { it.name == 'wrong' }.accepted", equalTo(false))
                .body("find { it.name == 'wrong' }.message", containsString("max-instances is 'few'"));
    }

    @Test
    void aFunctionHasNoMoreInstancesThanItsDeveloperAllows() {
        admin().body(CART.replace("cart", "single"))
                .post("/api/v1/instances")
                .then()
                .statusCode(201);

        admin().body(CART.replace("cart", "single").replace("alice", "bob"))
                .post("/api/v1/instances")
                .then()
                .statusCode(409)
                .body("detail", containsString("carovana.dev/max-instances of Deployment single is 1 and 1 are there"));
    }

    @Test
    void everyErrorIsAProblem() {
        problem(400, admin().body("{\"namespace\": ").post("/api/v1/instances"));
        problem(400, admin().body("{\"namespace\": {}}").post("/api/v1/instances"));
        problem(400, admin().post("/api/v1/instances"));
        problem(404, admin().get("/api/v1/nothing"));
        problem(404, admin().get("/api/v1/instances/functions/nobody"));
        problem(405, admin().put("/api/v1/instances"));
        problem(415, admin().contentType("text/plain").body("x").post("/api/v1/instances"));
    }

    private static void problem(int status, Response response) {
        response.then().statusCode(status).contentType(Problem.MEDIA_TYPE).body("status", equalTo(status));
    }

    @Test
    void movesAnInstance() {
        hub.instance("cart-1", "alice", "edge-a");
        move("edge-b").then().statusCode(409).body("detail", containsString("not started"));
        hub.runs("cart-1", "edge-a", 1, null);
        move("edge-a").then().statusCode(409);
        move("edge-z").then().statusCode(422).body("errors[0].expected", endsWith("edge-a, edge-b"));
        hub.migration("cart-1-2", "cart-1", MigrationPhase.RolledBack);

        move("edge-b")
                .then()
                .statusCode(202)
                .header("Location", endsWith("/api/v1/migrations/functions/cart-1-3"))
                .body("name", equalTo("cart-1-3"));

        assertThat(hub.get("cart-1").getSpec().site()).isEqualTo("edge-b");
        assertThat(hub.get("cart-1").getMetadata().getAnnotations())
                .containsEntry(MobilityAnnotations.REASON, "Manual");
        move("edge-b").then().statusCode(409).body("detail", containsString("already"));
        hub.runs("cart-1", "edge-a", 1, "cart-1-3");
        move("edge-b").then().statusCode(409).body("detail", containsString("cart-1-3"));
    }

    private Response move(String to) {
        return admin().body("{\"to\": \"" + to + "\"}").post("/api/v1/instances/functions/cart-1/migrations");
    }

    @Test
    void showsAMigration() {
        hub.migration("cart-1-2", "cart-1", MigrationPhase.Succeeded);
        admin().get("/api/v1/migrations/functions/cart-1-2")
                .then()
                .statusCode(200)
                .body("phase", equalTo("Succeeded"))
                .body("from", equalTo("edge-a"))
                .body("to", equalTo("edge-b"))
                .body("transitions[0].at", equalTo("2026-11-24T10:00:00.123456Z"))
                .body("containers[0].name", equalTo("cart"))
                .body("freezeMillis", equalTo(42.5f))
                .body("totalMillis", equalTo(1234.0f))
                .body("bytesSent", equalTo(2));
        admin().get("/api/v1/migrations?instance=cart-1").then().body("name", contains("cart-1-2"));
        admin().get("/api/v1/migrations?instance=cart-2").then().body("", hasSize(0));
    }

    @ParameterizedTest
    @EnumSource(MigrationPhase.class)
    void abortsBeforeTheHandoverAndDecidesInDoubtOnly(MigrationPhase phase) {
        hub.migration("cart-1-2", "cart-1", phase);
        String path = "/api/v1/migrations/functions/cart-1-2";
        boolean early = phase.ordinal() <= MigrationPhase.Handover.ordinal();
        boolean doubt = phase == MigrationPhase.InDoubt;

        admin().body("{\"run\": \"source\"}").post(path + "/decision").then().statusCode(doubt ? 202 : 409);
        if (doubt) {
            assertThat(hub.getMigration("cart-1-2").getMetadata().getAnnotations())
                    .containsEntry(Carovana.DECISION_ANNOTATION, "source");
        }
        admin().delete(path).then().statusCode(early ? 202 : 409);
        assertThat(hub.getMigration("cart-1-2") == null).isEqualTo(early);
    }

    @Test
    void preflightSaysEveryReason() {
        hub.instance("cart-1", "alice", "edge-a");
        hub.runs("cart-1", "edge-a", 1, null);
        admin().urlEncodingEnabled(false) // REST Assured would write the colon as %3A
                .body("{\"namespace\": \"functions\", \"instance\": \"cart-1\", \"to\": \"edge-b\"}")
                .post("/api/v1/migrations:preflight")
                .then()
                .statusCode(200)
                .body("ok", equalTo(false))
                .body("reasons.code", contains("NotRunning"))
                .body("reasons[0].message", containsString("cart-1"));
    }

    @Test
    @Timeout(60)
    void streamsChanges() throws Exception {
        hub.instance("cart-1", "alice", "edge-a");
        hub.instance("cart-2", "bob", "edge-a");
        follow("instances?watch=true&user=alice", changes -> {
            assertThat(changes.next()).contains("\"ADDED\"", "cart-1");
            hub.runs("cart-1", "edge-a", 1, null);
            assertThat(changes.next()).contains("\"MODIFIED\"", "cart-1", "10.102.0.5");
            hub.clear();
            assertThat(changes.next()).contains("\"DELETED\"", "cart-1");
        });
    }

    @Test
    @Timeout(60)
    void streamsFunctionsWithTheNumberOfTheirInstances() throws Exception {
        // those of the test before are counted until the watch shows that they are gone
        await().until(() -> instances.ofFunction(Hub.NAMESPACE, "cart").isEmpty());
        follow("functions?watch=true&namespace=functions", changes -> {
            List<String> first = Stream.generate(changes::next).limit(4).toList();
            assertThat(first).allMatch(c -> c.contains("\"ADDED\"")).anyMatch(c -> c.contains("\"cart\""));
            hub.instance("cart-1", "alice", "edge-a");
            assertThat(changes.next()).contains("\"MODIFIED\"", "\"cart\"", "\"instances\":1");
            hub.clear();
            assertThat(changes.next()).contains("\"MODIFIED\"", "\"cart\"", "\"instances\":0");
            hub.deployment("late", "local", Map.of());
            assertThat(changes.next()).contains("\"ADDED\"", "\"late\"", "\"accepted\":true");
            hub.deployment("late", "nowhere", Map.of());
            assertThat(changes.next()).contains("\"MODIFIED\"", "\"late\"", "\"accepted\":false");
            client.apps()
                    .deployments()
                    .inNamespace(Hub.NAMESPACE)
                    .withName("late")
                    .delete();
            assertThat(changes.next()).contains("\"DELETED\"", "\"late\"");
        });
    }

    private void follow(String what, Consumer<Iterator<String>> reader) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(api.resolve(what))
                .header("Authorization", "Bearer " + hub.token("admin"))
                .timeout(Duration.ofSeconds(30))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<Stream<String>> response = http.send(request, HttpResponse.BodyHandlers.ofLines());
            assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
            try (Stream<String> lines = response.body()) {
                reader.accept(lines.filter(l -> l.startsWith("data:")).iterator());
            }
            http.shutdownNow();
        }
    }

    @Test
    void healthAndTheApisDescriptionAreOpen() {
        given().get("/q/health/live").then().statusCode(200);
        given().get("/q/openapi?format=json").then().statusCode(200).body("paths", hasKey("/events"));
    }
}
