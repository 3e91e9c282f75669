// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.MigrationStatus;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.model.AllowedSites;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Puts objects into the hub's Kubernetes API for a test. */
public final class Hub {
    public static final String NAMESPACE = "functions";

    private final KubernetesClient client;

    public Hub(KubernetesClient client) {
        this.client = client;
    }

    /** Namespace, two sites, function cart, and {@link #accounts}. */
    public void prepare() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
        site("edge-a", "zone-a");
        site("edge-b", "zone-b");
        deployment("cart", "local", Map.of());
        deployment("thumbnail", "remote", Map.of());
        deployment("single", "local", Map.of(FunctionContract.MAX_INSTANCES, "1"));
        deployment("wrong", "local", Map.of(FunctionContract.MAX_INSTANCES, "few"));
        accounts();
    }

    /** Service accounts admin, reader (of the namespace) and nobody. */
    public void accounts() {
        for (String account : List.of("admin", "reader", "nobody")) {
            client.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName(account)
                            .withNamespace(NAMESPACE)
                            .endMetadata()
                            .build())
                    .serverSideApply();
        }
        role("everything", "*");
        role("reading", "get", "list", "watch");
        client.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName("admin")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "everything")
                        .addNewSubject("", "ServiceAccount", "admin", NAMESPACE)
                        .build())
                .serverSideApply();
        client.resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName("reader")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "reading")
                        .addNewSubject("", "ServiceAccount", "reader", NAMESPACE)
                        .build())
                .serverSideApply();
    }

    /** Which sites the namespace allows; null for all. */
    public void allowSites(String annotation) {
        client.namespaces().withName(NAMESPACE).edit(n -> {
            Map<String, String> annotations =
                    new HashMap<>(Objects.requireNonNullElse(n.getMetadata().getAnnotations(), Map.of()));
            if (annotation == null) {
                annotations.remove(AllowedSites.ANNOTATION);
            } else {
                annotations.put(AllowedSites.ANNOTATION, annotation);
            }
            n.getMetadata().setAnnotations(annotations);
            return n;
        });
    }

    public String token(String account) {
        return client.serviceAccounts()
                .inNamespace(NAMESPACE)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(3600L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    public FunctionInstance instance(String name, String user, String site, String... aliases) {
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace(NAMESPACE).build());
        instance.setSpec(new FunctionInstanceSpec(
                new FunctionInstanceSpec.FunctionRef("apps/v1", "Deployment", "cart"), user, site, List.of(aliases)));
        return client.resource(instance).create();
    }

    /** As the instance's reconciler does. */
    public void runs(String name, String site, long epoch, String migration) {
        client.resources(FunctionInstance.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .editStatus(i -> {
                    i.setStatus(new FunctionInstanceStatus(
                            1L,
                            migration == null ? Phase.Running : Phase.Migrating,
                            site,
                            site,
                            name + "-" + epoch,
                            "uid",
                            epoch,
                            null,
                            "10.102.0.5",
                            null,
                            migration,
                            null,
                            List.of()));
                    return i;
                });
    }

    /** As the instance's reconciler does for a remote-state function. */
    public void isServed(String name, String site) {
        client.resources(FunctionInstance.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .editStatus(i -> {
                    i.setStatus(new FunctionInstanceStatus(
                            1L,
                            Phase.Running,
                            site,
                            null,
                            null,
                            null,
                            1L,
                            "copy",
                            "copy.svc",
                            null,
                            null,
                            null,
                            List.of()));
                    return i;
                });
    }

    public FunctionInstance get(String name) {
        return client.resources(FunctionInstance.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .get();
    }

    /** As somebody with kubectl does. */
    public void wish(String name, String site) {
        client.resource(get(name))
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"site\": \"" + site + "\"}}");
    }

    public Migration migration(String name, String instance, MigrationPhase phase) {
        Migration migration = new Migration();
        migration.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace(NAMESPACE).build());
        migration.setSpec(new MigrationSpec(instance, "edge-b", MigrationSpec.Reason.Manual, null, null));
        Migration created = client.resource(migration).create();
        created.setStatus(new MigrationStatus(
                phase,
                null,
                null,
                "edge-a",
                2L,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(new MigrationStatus.Transition(phase, "2026-11-24T10:00:00.123456Z")),
                List.of(new MigrationStatus.ContainerTimes("cart", null, null, null, 1L, 2L)),
                42.5,
                1234.0,
                2L,
                null,
                List.of()));
        return client.resource(created).updateStatus();
    }

    public Migration getMigration(String name) {
        return client.resources(Migration.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .get();
    }

    /** Removes what tests have made. */
    public void clear() {
        client.resources(FunctionInstance.class).inNamespace(NAMESPACE).delete();
        client.resources(Migration.class).inNamespace(NAMESPACE).delete();
        allowSites(null);
    }

    private void site(String name, String zone) {
        Site site = new Site();
        site.setMetadata(new ObjectMetaBuilder().withName(name).build());
        site.setSpec(new SiteSpec(
                new SiteSpec.Liqo(name),
                null,
                List.of(zone),
                new SiteSpec.Gateway("https://gateway." + name + ".example.org"),
                null,
                null,
                null,
                null));
        client.resource(site).serverSideApply();
    }

    public void deployment(String name, String state, Map<String, String> annotations) {
        client.resource(new DeploymentBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(NAMESPACE)
                        .withLabels(Map.of(Carovana.STATE_LABEL, state))
                        .withAnnotations(annotations)
                        .endMetadata()
                        .withNewSpec()
                        .withReplicas(0)
                        .withNewSelector()
                        .addToMatchLabels("app", name)
                        .endSelector()
                        .withNewTemplate()
                        .withNewMetadata()
                        .addToLabels("app", name)
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("main")
                        .withImage("example/" + name)
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .serverSideApply();
    }

    private void role(String name, String... verbs) {
        client.resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .addNewRule()
                        .withApiGroups(Carovana.GROUP)
                        .withResources("*")
                        .withVerbs(verbs)
                        .endRule()
                        .build())
                .serverSideApply();
    }
}
