// SPDX-License-Identifier: Apache-2.0
package dev.carovana.samples.readings;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class ReadingsResourceTest {
    private static JsonPath read() {
        return when().get("/readings").then().statusCode(200).extract().jsonPath();
    }

    @Test
    void aReadingIsCountedAndTheProcessStaysTheSame() {
        JsonPath before = read();
        JsonPath after = given().body("{\"sensor\": \"pulse\", \"value\": 72}")
                .when()
                .post("/readings")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();

        assertThat(after.getLong("sequence")).isEqualTo(before.getLong("sequence") + 1);
        assertThat(after.getString("hash")).isNotEqualTo(before.getString("hash"));
        assertThat(after.getInt("sensors.pulse.latest")).isEqualTo(72);
        assertThat(after.getString("process")).isEqualTo(before.getString("process"));
        assertThat(after.getString("startedAt")).isEqualTo(before.getString("startedAt"));
        assertThat(after.getDouble("uptimeSeconds")).isGreaterThanOrEqualTo(before.getDouble("uptimeSeconds"));
        assertThat(read().getMap("sensors")).isEqualTo(after.getMap("sensors"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{\"value\": 1} | sensor must be a string, not absent",
                "{\"sensor\": 7, \"value\": 1} | sensor must be a string, not 7",
                "{\"sensor\": \"pulse\", \"value\": 1.5} | value must be a whole number, not 1.5",
                "{\"sensor\": \"pulse\", \"value\": true} | value must be a whole number, not true",
                "{\"sensor\": \"my pulse\", \"value\": 1} | not 'my pulse'",
                "[] | the body must be an object",
                "pulse | the body must be JSON",
                "`` | the body must be an object"
            })
    void aWrongReadingIsRefusedWithFieldAndValue(String body, String message) {
        long before = read().getLong("sequence");

        given().body(body)
                .when()
                .post("/readings")
                .then()
                .statusCode(400)
                .contentType("application/json")
                .body("error", containsString(message));

        assertThat(read().getLong("sequence")).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"/healthz", "/readyz"})
    void probesAreAnswered(String path) {
        when().get(path).then().statusCode(200).body("status", equalTo("ok"));
    }
}
