// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Sites whose pods have the same addresses, as those of clusters that nobody planned together: whoever is called answers. */
@Isolated("says which address the next pod gets")
class EqualNetworksE2E {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    final GatewayUsers users = new GatewayUsers();

    @Test
    void twoPodsWithOneAddressGetTheirOwnUsersCallsAtEveryGateway() throws Exception {
        String address = PodAddresses.sameForTheNextPodsAt("edge-a", "edge-b");
        try (GatewayUser ann = users.user("ann", "edge-a");
                GatewayUser bob = users.user("bob", "edge-b")) {
            assertThat(List.of(siteAddress(ann), siteAddress(bob))).containsOnly(address);
            assertThat(ann.last().process()).isNotEqualTo(bob.last().process());
            for (String gateway : List.of("edge-b", "edge-a", "hub")) {
                for (GatewayUser user : List.of(ann, bob)) {
                    user.goTo(gateway);
                    user.awaitCalls(20);
                }
            }
            assertThat(ann.stopAndGiveProblems()).isEmpty();
            assertThat(bob.stopAndGiveProblems()).isEmpty();
            onlyTheHubReaches(hubAddress(ann), "edge-b");
            onlyTheHubReaches(hubAddress(bob), "edge-a");
        }
    }

    /** Providers that are not peered with each other: a pod's address in the hub leads nowhere at the other site. */
    private static void onlyTheHubReaches(String address, String other) {
        String[] call = {"curl", "--silent", "--fail", "--max-time", "3", "http://" + address + ":8080/healthz"};
        assertThat(Lab.node("hub", call)).contains("ok");
        assertThatThrownBy(() -> Lab.node(other, call)).hasMessageContaining("ended with");
    }

    /** Ann's pod gets the address that a stranger's has at the site which she leaves, and the other way round. */
    @Test
    void aMoveBetweenPodsOfStrangersWithTheSameAddressesLosesNoCall() throws Exception {
        String first = PodAddresses.sameForTheNextPodsAt("edge-a", "edge-b");
        try (GatewayUser ann = users.user("ann", "edge-a");
                GatewayUser there = users.user("there", "edge-b")) {
            String second = PodAddresses.sameForTheNextPodsAt("edge-a", "edge-b");
            try (GatewayUser here = users.user("here", "edge-a")) {
                ann.awaitCalls(5);
                Instances.move(nameOf(ann), "edge-b"); // she stays at the gateway of edge-a
                ann.awaitCalls(20);
                assertThat(List.of(siteAddress(there), siteAddress(here))).containsExactly(first, second);
                assertThat(siteAddress(ann)).isEqualTo(second);
                ann.goTo("edge-b");
                ann.awaitCalls(20);
                Instances.move(nameOf(ann), "edge-a");
                ann.awaitCalls(20);
                for (GatewayUser user : List.of(ann, there, here)) {
                    assertThat(user.stopAndGiveProblems()).isEmpty();
                }
            }
        }
    }

    @Test
    void copiesWithOneAddressServeTheUsersOfTheirSites() throws Exception {
        Deployments.function("equal-words", "wordcount", "remote");
        try {
            String address = PodAddresses.sameForTheNextPodsAt("edge-a", "edge-b");
            for (String site : List.of("edge-a", "edge-b")) {
                String copy = Objects.requireNonNull(Instances.start("words-at-" + site, "equal-words", site)
                        .getStatus()
                        .copy());
                assertThat(PodAddresses.at(site, "carovana.dev/copy", copy)).containsExactly(address);
            }
            String writer = "equal-" + System.nanoTime(); // the store, in the hub, outlives this test
            int texts = 0;
            for (String gateway : Lab.SITES) {
                for (String site : List.of("edge-a", "edge-b")) {
                    HttpResponse<String> answer = GatewayUser.call(
                            HttpClient.newHttpClient(),
                            gateway,
                            "POST",
                            "/equal-words/words",
                            "one two",
                            Map.of("X-Carovana-User", "user-words-at-" + site, "X-User", writer));
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                    assertThat(answer.headers().firstValue("Carovana-Site")).contains(site);
                    JsonNode counted = JSON.readTree(answer.body());
                    assertThat(counted.get("texts").asInt()).isEqualTo(++texts);
                    assertThat(podsAt(site)).contains(counted.get("pod").asText());
                }
            }
        } finally {
            Deployments.get("equal-words").delete();
        }
        for (String site : List.of("edge-a", "edge-b")) {
            Instances.instance("words-at-" + site).waitUntilCondition(Objects::isNull, 60, TimeUnit.SECONDS);
        }
    }

    private static List<String> podsAt(String site) {
        return Lab.cluster(site).pods().inNamespace(Lab.NAMESPACE).list().getItems().stream()
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }

    private static String nameOf(GatewayUser user) {
        return user.instance().getMetadata().getName();
    }

    private static String siteAddress(GatewayUser user) {
        return Objects.requireNonNull(status(user).siteAddress());
    }

    private static String hubAddress(GatewayUser user) {
        return Objects.requireNonNull(status(user).address());
    }

    private static FunctionInstanceStatus status(GatewayUser user) {
        return user.instance().getStatus();
    }
}
