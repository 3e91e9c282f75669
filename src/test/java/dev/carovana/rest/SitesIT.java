// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import dev.carovana.api.KubernetesApi;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the REST API says of sites, and what it lets administrators say. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
class SitesIT {
    @Inject
    KubernetesClient client;

    private Hub hub;

    @BeforeEach
    void prepare() {
        hub = new Hub(client);
        hub.prepare();
        hub.clear();
    }

    private RequestSpecification admin() {
        return given().auth().oauth2(hub.token("admin")).contentType(ContentType.JSON);
    }

    @Test
    void sites() {
        admin().get("/api/v1/sites")
                .then()
                .statusCode(200)
                .body("name", contains("edge-a", "edge-b"))
                .body("ready", contains(false, false))
                .body("[0].zones", contains("zone-a"))
                .body("[0].agents", hasSize(0));
        admin().get("/api/v1/sites/edge-b").then().statusCode(200).body("name", equalTo("edge-b"));
        admin().get("/api/v1/sites/edge-z").then().statusCode(404).body("detail", containsString("'edge-z'"));
    }

    @Test
    void cordonsAndDrainsASite() {
        String site = "/api/v1/sites/edge-a";
        admin().post(site + "/cordon").then().statusCode(200).body("cordoned", equalTo(true));
        admin().post(site + "/drain")
                .then()
                .statusCode(202)
                .body("cordoned", equalTo(true))
                .body("drain.policy", equalTo("Nearest"))
                .body("drain.maxConcurrent", equalTo(2));
        admin().body("{\"policy\": \"LeastLoaded\"}")
                .post(site + "/drain")
                .then()
                .statusCode(202);
        admin().body("{\"maxConcurrent\": 5}")
                .post(site + "/drain")
                .then()
                .statusCode(202)
                .body("drain.policy", equalTo("LeastLoaded"))
                .body("drain.maxConcurrent", equalTo(5));

        admin().post(site + "/uncordon").then().statusCode(200).body("cordoned", equalTo(false));

        admin().get(site).then().body("cordoned", equalTo(false)).body("$", not(hasKey("drain")));
        admin().post("/api/v1/sites/edge-z/drain").then().statusCode(404);
        admin().body("{\"maxConcurrent\": 0}")
                .post(site + "/drain")
                .then()
                .statusCode(400)
                .contentType(Problem.MEDIA_TYPE);
        admin().body("{\"policy\": \"Farthest\"}")
                .post(site + "/drain")
                .then()
                .statusCode(400)
                .contentType(Problem.MEDIA_TYPE);
        given().auth()
                .oauth2(hub.token("admin"))
                .post(site + "/uncordon")
                .then()
                .statusCode(200);
    }
}
