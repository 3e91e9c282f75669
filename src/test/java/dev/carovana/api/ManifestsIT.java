// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.api.v1alpha1.Carovana;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real API server makes of the manifests that users apply. */
class ManifestsIT {
    private static final KubernetesApi API = new KubernetesApi();
    private static final String SYSTEM = "carovana-system";
    private static KubernetesClient client;

    @BeforeAll
    static void apply() throws IOException {
        Map<String, String> settings = API.start();
        client = KubernetesApi.client(settings);
        applyNamespace("hub");
        for (String file : List.of(
                "hub/rbac.yaml",
                "hub/roles.yaml",
                "hub/controller.yaml",
                "runtimeclass/runtimeclass.yaml",
                "site/rbac.yaml",
                "site/site.yaml",
                "site/agent.yaml",
                "site/gateway.yaml")) {
            for (HasMetadata one : load(file)) {
                client.resource(one).inNamespace(SYSTEM).serverSideApply();
            }
        }
    }

    @AfterAll
    static void stop() {
        client.close();
        API.stop();
    }

    @Test
    void podSecurityTakesEachPodInItsNamespace() throws IOException {
        Pod controller = pod("hub/controller.yaml");
        Pod agent = pod("site/agent.yaml");
        Pod gateway = pod("site/gateway.yaml");

        applyNamespace("hub");
        assertThatCode(() -> dryRun(controller)).doesNotThrowAnyException();
        assertThatCode(() -> dryRun(gateway)).doesNotThrowAnyException();
        assertThatThrownBy(() -> dryRun(agent)).hasMessageContaining("violates PodSecurity \"restricted");

        applyNamespace("site");
        assertThatCode(() -> dryRun(agent)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "view, list, functioninstances, true",
        "view, list, functions, true",
        "view, create, functioninstances, false",
        "edit, get, functioninstances, true",
        "edit, create, functioninstances, true",
        "edit, update, migrations, true",
        "edit, delete, migrations, true",
        "edit, watch, functions, true",
        "edit, create, mobilityevents, false",
        "admin, delete, functioninstances, true",
        "admin, create, mobilityevents, false",
        "event-sender, create, mobilityevents, true",
        "event-sender, list, functioninstances, false",
    })
    void rolesInOneNamespace(String role, String verb, String resource, boolean allowed) {
        bindInDefault("carovana-" + role);

        assertThat(may(role, verb, resource, "default")).isEqualTo(allowed);
        assertThat(may(role, verb, resource, SYSTEM)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"view", "edit", "admin"})
    void aRoleInANamespaceGivesNoRightToSites(String role) {
        bindInDefault("carovana-" + role);

        assertThat(may(role, "get", "sites", null)).isFalse();
        assertThat(may(role, "patch", "sites", null)).isFalse();
    }

    private static void bindInDefault(String role) {
        client.resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(role)
                        .withNamespace("default")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .addNewSubject("rbac.authorization.k8s.io", "User", role.substring("carovana-".length()), null)
                        .build())
                .serverSideApply();
    }

    private static boolean may(String user, String verb, String resource, @Nullable String namespace) {
        return client.resource(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser(user)
                        .withNewResourceAttributes()
                        .withGroup(Carovana.GROUP)
                        .withResource(resource)
                        .withVerb(verb)
                        .withNamespace(namespace)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .create()
                .getStatus()
                .getAllowed();
    }

    private static void dryRun(Pod pod) {
        client.resource(pod).dryRun(true).create();
    }

    private static Pod pod(String file) throws IOException {
        return load(file).stream()
                .map(ManifestsIT::template)
                .filter(template -> template != null)
                .map(template -> new PodBuilder()
                        .withMetadata(template.getMetadata())
                        .editMetadata()
                        .withName("pod")
                        .withNamespace(SYSTEM)
                        .endMetadata()
                        .withSpec(template.getSpec())
                        .build())
                .findFirst()
                .orElseThrow();
    }

    private static @Nullable PodTemplateSpec template(HasMetadata one) {
        return switch (one) {
            case Deployment deployment -> deployment.getSpec().getTemplate();
            case DaemonSet daemonSet -> daemonSet.getSpec().getTemplate();
            default -> null;
        };
    }

    private static void applyNamespace(String folder) throws IOException {
        client.resource(load(folder + "/namespace.yaml").getFirst())
                .forceConflicts()
                .serverSideApply();
    }

    private static List<HasMetadata> load(String file) throws IOException {
        try (var manifest = Files.newInputStream(Path.of("k8s", file))) {
            return client.load(manifest).items();
        }
    }
}
