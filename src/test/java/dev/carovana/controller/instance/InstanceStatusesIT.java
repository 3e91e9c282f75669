// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.KubernetesApi;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.rest.Hub;
import dev.carovana.rest.RestOnly;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
class InstanceStatusesIT {
    private static final String NAME = "cart-6";

    @Inject
    KubernetesClient client;

    @Inject
    InstanceStatuses statuses;

    private final List<String> pods = new ArrayList<>();
    private Hub hub;

    @BeforeEach
    void runs() {
        hub = new Hub(client);
        hub.prepare();
        hub.clear();
        hub.instance(NAME, "frank", "edge-a");
        hub.runs(NAME, "edge-a", 1, null);
    }

    private FunctionInstance lock(FunctionInstance known) {
        return statuses.update(known, s -> {
                    pods.add(s.podName());
                    return InstanceChanges.locked(s, NAME + "-9", Instant.now());
                })
                .orElseThrow();
    }

    @Test
    void whatWasReadJustNowIsChangedAtOnce() {
        assertThat(lock(hub.get(NAME)).getStatus().migration()).isEqualTo(NAME + "-9");

        assertThat(pods).containsExactly(NAME + "-1");
        assertThat(hub.get(NAME).getStatus().migration()).isEqualTo(NAME + "-9");
    }

    @Test
    void whatHasChangedSinceIsReadAgain() {
        FunctionInstance before = hub.get(NAME);
        hub.runs(NAME, "edge-b", 2, null);

        assertThat(lock(before).getStatus().site()).isEqualTo("edge-b");

        assertThat(pods).containsExactly(NAME + "-1", NAME + "-2");
        assertThat(hub.get(NAME).getStatus().podName()).isEqualTo(NAME + "-2");
    }

    @Test
    void whatIsGoneIsNotMadeAgain() {
        FunctionInstance before = hub.get(NAME);
        client.resource(before).delete();

        assertThat(statuses.update(before, s -> InstanceChanges.locked(s, NAME + "-9", Instant.now())))
                .isEmpty();
        assertThat(hub.get(NAME)).isNull();
    }
}
