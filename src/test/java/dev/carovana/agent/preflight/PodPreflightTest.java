// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class PodPreflightTest {
    @Test
    void anEphemeralContainerSpeaksAgainstAMoveWhileItRuns() {
        Pod pod = Serialization.unmarshal(
                """
                apiVersion: v1
                kind: Pod
                status:
                  ephemeralContainerStatuses:
                    - {name: ended, state: {terminated: {exitCode: 0}}}
                    - {name: running, state: {running: {}}}
                    - {name: pulling, state: {waiting: {}}}
                    - {name: new}
                """,
                Pod.class);

        assertThat(PodPreflight.runningEphemeral(pod)).containsExactly("running");
    }
}
