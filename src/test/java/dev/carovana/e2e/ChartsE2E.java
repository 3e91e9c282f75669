// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.Carovana;
import java.util.List;
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
