// SPDX-License-Identifier: Apache-2.0
package dev.carovana.security;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import dev.carovana.api.KubernetesApi;
import dev.carovana.rest.Hub;
import dev.carovana.rest.Problem;
import dev.carovana.rest.RestOnly;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call what, with real tokens and RBAC rules. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
class AccessIT {
    @Inject
    KubernetesClient client;

    private Hub hub;

    @BeforeEach
    void prepare() {
        hub = new Hub(client);
        hub.prepare();
        hub.clear();
    }

    private Response call(RequestSpecification caller, String line) {
        String[] parts = line.split(" ", 3);
        RequestSpecification request = parts.length < 3
                ? caller
                : caller.contentType(parts[1].equals("/events") ? "application/cloudevents+json" : "application/json")
                        .body(parts[2]);
        return request.urlEncodingEnabled(false).request(parts[0], parts[1]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/sites",
                "GET /api/v1/sites?watch=true",
                "GET /api/v1/sites/edge-a",
                "POST /api/v1/sites/edge-a/cordon",
                "POST /api/v1/sites/edge-a/uncordon",
                "POST /api/v1/sites/edge-a/drain {}",
                "GET /api/v1/instances",
                "GET /api/v1/instances?namespace=functions",
                "GET /api/v1/instances?watch=true",
                "GET /api/v1/instances/functions/x",
                "POST /api/v1/instances {\"namespace\":\"functions\",\"user\":\"u\",\"site\":\"s\",\"function\":{\"apiVersion\":\"a\",\"kind\":\"k\",\"name\":\"n\"}}",
                "DELETE /api/v1/instances/functions/x",
                "POST /api/v1/instances/functions/x/migrations {\"to\":\"edge-b\"}",
                "GET /api/v1/migrations",
                "GET /api/v1/migrations?watch=true",
                "GET /api/v1/migrations/functions/x",
                "DELETE /api/v1/migrations/functions/x",
                "POST /api/v1/migrations/functions/x/decision {\"run\":\"source\"}",
                "POST /api/v1/migrations:preflight {\"namespace\":\"functions\",\"instance\":\"x\",\"to\":\"edge-b\"}",
                "POST /events {}",
            })
    void needsATokenAndARight(String line) {
        call(given(), line)
                .then()
                .statusCode(401)
                .contentType(Problem.MEDIA_TYPE)
                .header("WWW-Authenticate", equalTo("Bearer"));
        call(given().auth().oauth2("not-a-token"), line)
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", containsString("invalid_token"));
        call(given().auth().oauth2(hub.token("nobody")), line)
                .then()
                .statusCode(403)
                .contentType(Problem.MEDIA_TYPE)
                .body("detail", startsWith("user 'system:serviceaccount:functions:nobody' may not"));
    }

    @Test
    void aRightInOneNamespaceIsForThatNamespace() {
        String reader = hub.token("reader");
        hub.instance("cart-1", "alice", "edge-a");

        given().auth()
                .oauth2(reader)
                .get("/api/v1/instances?namespace=functions")
                .then()
                .statusCode(200);
        given().auth()
                .oauth2(reader)
                .get("/api/v1/instances/functions/cart-1")
                .then()
                .statusCode(200);
        given().auth().oauth2(reader).get("/api/v1/instances").then().statusCode(403);
        given().auth().oauth2(reader).get("/api/v1/sites").then().statusCode(403);
        given().auth()
                .oauth2(reader)
                .delete("/api/v1/instances/functions/cart-1")
                .then()
                .statusCode(403);
    }

    @Test
    void otherWordsThanBearer() {
        given().header("Authorization", "Basic YTpi")
                .get("/api/v1/sites")
                .then()
                .statusCode(401);
        given().header("Authorization", "Bearer ").get("/api/v1/sites").then().statusCode(401);
    }
}
