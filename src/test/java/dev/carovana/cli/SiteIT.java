// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.KubernetesApi;
import dev.carovana.rest.FakeReconcilers;
import dev.carovana.rest.Hub;
import dev.carovana.rest.RestOnly;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sites from the command line, through the REST API in front of a real kube-apiserver. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
@Timeout(60)
class SiteIT {
    @Inject
    KubernetesClient client;

    @TestHTTPResource("/")
    URI server;

    private Hub hub;
    private FakeReconcilers reconcilers;
    private Terminal terminal;

    @BeforeEach
    void prepare() {
        hub = new Hub(client);
        hub.prepare();
        hub.clear();
        reconcilers = new FakeReconcilers(client);
        terminal = new Terminal(Map.of(
                "CAROVANA_URL", server.toString(),
                "CAROVANA_TOKEN", hub.token("admin"),
                "CAROVANA_NAMESPACE", Hub.NAMESPACE));
    }

    @Test
    void cordonsAndUncordons() {
        assertThat(terminal.run("cordon edge-a")).isZero();
        terminal.run("get site edge-a -o json");
        assertThat(terminal.told()).contains("site/edge-a cordoned", "\"cordoned\" : true");
        assertThat(terminal.run("uncordon edge-a")).isZero();
        terminal.run("get site edge-a -o json");
        assertThat(terminal.told()).contains("\"cordoned\" : false");
    }

    @Test
    void drainsASiteAndTellsHowFarItIs() throws Exception {
        CompletableFuture<Integer> drain =
                terminal.begin("drain edge-a --policy LeastLoaded --max-concurrent 3 --wait");
        terminal.awaitOutput("site/edge-a is being drained");
        reconcilers.drained("edge-a", 1, 2, "cart-2");
        terminal.awaitOutput("1 of 2 instances have left");
        terminal.awaitError("instance/cart-2 in namespace functions: DrainFailed: CRIU said no");
        assertThat(drain).isNotDone();
        terminal.run("get site edge-a -o yaml");
        assertThat(terminal.told()).contains("policy: \"LeastLoaded\"\n", "maxConcurrent: 3\n");
        reconcilers.drained("edge-a", 2, 2);

        assertThat(drain.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(terminal.told()).endsWith("2 of 2 instances have left%n".formatted());
        terminal.run("uncordon edge-a");
    }

    @Test
    void anEarlierDrainIsNotTakenForThisOne() throws Exception {
        reconcilers.drained("edge-a", 2, 2);
        CompletableFuture<Integer> drain = terminal.begin("drain edge-a --wait");
        terminal.awaitOutput("2 of 2 instances have left");
        reconcilers.drained("edge-a", 0, 1);
        terminal.awaitOutput("0 of 1 instances have left");
        reconcilers.drained("edge-a", 1, 1);

        assertThat(drain.get(20, TimeUnit.SECONDS)).isZero();
        terminal.run("uncordon edge-a");
    }

    @Test
    void aDrainThatSomebodyEnds() throws Exception {
        CompletableFuture<Integer> drain = terminal.begin("drain edge-a --wait");
        terminal.awaitOutput("site/edge-a is being drained");
        terminal.run("uncordon edge-a");

        assertThat(drain.get(20, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(terminal.complained()).contains("was ended by somebody");
    }
}
