// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.api.v1alpha1.Carovana;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the lab's releases are, besides objects. */
class ChartsE2E {
    @ParameterizedTest
    @CsvSource({"hub, carovana-hub", "hub, carovana-site", "edge-a, carovana-site", "edge-b, carovana-site"})
    void helmFindsThatAReleaseAnswers(String site, String release) {
        String said = Lab.run(List.of("lab/helm", site, "test", release, "--timeout=3m"));

        assertThat(said).containsPattern("Phase: +Succeeded");
    }

    @Test
    void aSiteIsNotInstalledWhereItsAgentMayNotRun() {
        String namespace = "e2e-restricted";
        List<String> install = List.of(
                "lab/helm",
                "edge-a",
                "install",
                "refused",
                "charts/carovana-site",
                "--dry-run=server",
                "--namespace=" + namespace,
                "--set=image.repository=carovana,site.name=edge-a,hub.address=hub:30443,runtimeClass.create=false");
        Lab.cluster("edge-a")
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .serverSideApply();
        try {
            assertThatThrownBy(() -> Lab.run(install)).hasMessageContaining("is restricted: expected privileged");
        } finally {
            Lab.cluster("edge-a").namespaces().withName(namespace).delete();
        }
    }

    @ParameterizedTest
    @CsvSource({"view, watch, create", "edit, create, impersonate", "admin, delete, impersonate"})
    void rolesOfKubernetesHaveOurs(String role, String may, String mayNot) {
        List<String> verbs = Lab.hub().rbac().clusterRoles().withName(role).get().getRules().stream()
                .filter(rule -> rule.getApiGroups().contains(Carovana.GROUP)
                        && rule.getResources().contains("functioninstances"))
                .flatMap(rule -> rule.getVerbs().stream())
                .toList();

        assertThat(verbs).contains(may).doesNotContain(mayNot);
    }
}
