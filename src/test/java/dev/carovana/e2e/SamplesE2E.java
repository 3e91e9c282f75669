// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The samples besides the cart: a JVM that moves, and copies that share a store. */
class SamplesE2E {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aJvmGoesOnAtTheOtherSiteAndBackWhileItsUserCalls() throws Exception {
        String name = "readings-of-a-user";
        Instances.start(name, "readings", "edge-a");
        try {
            Readings readings = new Readings(name);
            Readings.State before = readings.get();
            try (CountingUser user = new CountingUser(name, readings)) {
                Instances.move(name, "edge-b");
                user.awaitCalls(1);
                Instances.move(name, "edge-a");
                assertThat(user.stopAndGiveProblems()).isEmpty();
                assertThat(readings.get().sequence())
                        .as("every call that was answered counts")
                        .isGreaterThanOrEqualTo(user.sequence());
            }
            Readings.State after = readings.get();
            assertThat(after.hash())
                    .as("no update was lost, doubled or reordered")
                    .isEqualTo(Readings.hashAfter(after.sequence(), CountingUser.THING));
            assertThat(after.process()).as("the same JVM").isEqualTo(before.process());
            assertThat(after.startedAt()).isEqualTo(before.startedAt());
            assertThat(after.uptimeSeconds())
                    .as("the JVM's monotonic clock went on without a jump")
                    .isBetween(before.uptimeSeconds(), before.uptimeSeconds() + 300);
        } finally {
            Instances.delete(name);
        }
    }

    @Test
    void copiesAtTwoSitesCountTogether() throws Exception {
        String user = "X-User: e2e-" + System.nanoTime(); // the store outlives this test
        Deployments.function("words", "wordcount", "remote");
        try {
            Copy atA = start("words-a", "edge-a");
            Copy atB = start("words-b", "edge-b");
            atA.get("/readyz");
            atB.get("/readyz");

            atA.post("/words", "one two", user);
            atB.post("/words", "two three", user);

            JsonNode fromA = JSON.readTree(atA.get("/words?top=1", user));
            JsonNode fromB = JSON.readTree(atB.get("/words?top=1", user));
            assertThat(fromA.at("/top/0/word").asText()).isEqualTo("two");
            assertThat(fromA.at("/top/0/count").asInt()).isEqualTo(2);
            assertThat(fromA.get("texts").asInt()).isEqualTo(2);
            assertThat(fromB.get("top")).isEqualTo(fromA.get("top"));
            assertThat(fromB.get("texts")).isEqualTo(fromA.get("texts"));
            assertThat(fromB.get("pod")).as("another copy").isNotEqualTo(fromA.get("pod"));
        } finally {
            Deployments.get("words").delete();
        }
        Instances.instance("words-a").waitUntilCondition(i -> i == null, 60, TimeUnit.SECONDS);
        Instances.instance("words-b").waitUntilCondition(i -> i == null, 60, TimeUnit.SECONDS);
    }

    private static Copy start(String name, String site) {
        return new Copy(
                site,
                Objects.requireNonNull(
                        Instances.start(name, "words", site).getStatus().copy()));
    }
}
