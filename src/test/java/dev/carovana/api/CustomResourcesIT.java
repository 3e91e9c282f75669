// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.rest.RestOnly;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What kube-apiserver takes and refuses by the CRDs' own rules. */
@QuarkusTest
@TestProfile(RestOnly.class)
@QuarkusTestResource(KubernetesApi.class)
class CustomResourcesIT {
    private static final String FUNCTION = "function: {apiVersion: apps/v1, kind: Deployment, name: cart}";

    @Inject
    KubernetesClient client;

    @BeforeEach
    void clear() {
        client.resources(Site.class).withName("rules").delete();
        client.resources(FunctionInstance.class)
                .inNamespace("default")
                .withName("rules")
                .delete();
        client.resources(Migration.class)
                .inNamespace("default")
                .withName("rules")
                .delete();
    }

    private void apply(String kind, String spec) {
        apply(kind, "rules", spec);
    }

    private void apply(String kind, String name, String spec) {
        String yaml = "apiVersion: carovana.dev/v1alpha1\nkind: " + kind + "\nmetadata: {name: " + name
                + (kind.equals("Site") ? "" : ", namespace: default") + "}\nspec: " + spec;
        // generic: the classes would not let everything through that a person can write
        GenericKubernetesResource resource = Serialization.unmarshal(yaml, GenericKubernetesResource.class);
        client.resource(resource).forceConflicts().serverSideApply();
    }

    private KubernetesClientException refusal(String kind, String spec) {
        return catchThrowableOfType(KubernetesClientException.class, () -> apply(kind, spec));
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Site|{liqo: {clusterID: a}, zones: [z]}",
                "Site|{local: {}, cordoned: true}",
                "Site|{local: {}, cordoned: true, drain: {}}",
                "Site|{local: {}, cordoned: true, drain: {policy: LeastLoaded, maxConcurrent: 1}}",
                "Site|{local: {}, location: {latitude: '-90', longitude: '180.0'}}",
                "Site|{local: {}, location: {latitude: '43.7167', longitude: '10.4'}}",
                "FunctionInstance|{" + FUNCTION + ", user: alice, site: edge-a}",
                "FunctionInstance|{" + FUNCTION + ", user: alice, site: edge-a, userAliases: ['ipv4:10.100.0.1']}",
                "Migration|{instance: cart-1, to: edge-b, reason: Drain}",
            })
    void takes(String kind, String spec) {
        assertThatCode(() -> apply(kind, spec)).doesNotThrowAnyException();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Site|{zones: [z]}|exactly one of",
                "Site|{liqo: {clusterID: a}, local: {}}|exactly one of",
                "Site|{liqo: {}}|clusterID",
                "Site|{local: {}, drain: {}}|spec.drain needs spec.cordoned to be true",
                "Site|{local: {}, cordoned: false, drain: {}}|spec.drain needs spec.cordoned to be true",
                "Site|{local: {}, cordoned: true, drain: {maxConcurrent: 0}}|maxConcurrent",
                "Site|{local: {}, cordoned: true, drain: {policy: Farthest}}|spec.drain.policy",
                "Site|{local: {}, location: {latitude: '43.7'}}|longitude",
                "Site|{local: {}, location: {latitude: '90.1', longitude: '0'}}|from -90 to 90",
                "Site|{local: {}, location: {latitude: '0', longitude: '-180.5'}}|from -180 to 180",
                "Site|{local: {}, location: {latitude: 43°N, longitude: '0'}}|from -90 to 90",
                "Site|{local: {}, location: {latitude: '1e1', longitude: '0'}}|from -90 to 90",
                "FunctionInstance|{" + FUNCTION + ", site: edge-a}|spec.user",
                "FunctionInstance|{" + FUNCTION + ", user: '', site: edge-a}|spec.user",
                "FunctionInstance|{user: alice, site: edge-a}|spec.function",
                "FunctionInstance|{function: {kind: Deployment, name: cart}, user: alice, site: a}|spec.function.apiVersion",
                "FunctionInstance|{" + FUNCTION + ", user: alice, site: edge-a, userAliases: ['']}|spec.userAliases[0]",
                "FunctionInstance|{" + FUNCTION
                        + ", user: alice, site: a, userAliases: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]}|spec.userAliases",
                "Migration|{instance: cart-1}|spec.to",
                "Migration|{instance: cart-1, to: edge-b, reason: Boredom}|spec.reason",
                "Migration|{instance: cart-1, to: edge-b, deadline: soon}|spec.deadline",
                "Migration|{instance: cart-1, to: edge-b, deadline: '2026-13-24T10:00:00Z'}|spec.deadline",
            })
    void refuses(String kind, String spec, String why) {
        KubernetesClientException e = refusal(kind, spec);

        assertThat(e).isNotNull();
        assertThat(e.getCode()).isEqualTo(422);
        assertThat(e.getMessage()).contains(why);
    }

    @Test
    void anInstancesSiteChanges() {
        apply("FunctionInstance", "{" + FUNCTION + ", user: alice, site: edge-a}");

        assertThatCode(() -> apply("FunctionInstance", "{" + FUNCTION + ", user: alice, site: edge-b}"))
                .doesNotThrowAnyException();
    }

    @Test
    void anInstancesNameIsALabelToo() {
        for (String name : List.of("a".repeat(64), "cart.alice")) {
            KubernetesClientException e = catchThrowableOfType(
                    KubernetesClientException.class,
                    () -> apply("FunctionInstance", name, "{" + FUNCTION + ", user: alice, site: edge-a}"));

            assertThat(e).isNotNull();
            assertThat(e.getMessage()).contains("metadata.name must be at most 63");
        }
    }

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "FunctionInstance|{" + FUNCTION + ", user: alice, site: edge-a}|{" + FUNCTION
                        + ", user: bob, site: edge-a}|spec.user cannot be changed",
                "FunctionInstance|{" + FUNCTION
                        + ", user: alice, site: edge-a}|{function: {apiVersion: apps/v1, kind: Deployment, name: chat}, user: alice, site: edge-a}|spec.function cannot be changed",
                "Migration|{instance: cart-1, to: edge-b, reason: Drain}|{instance: cart-1, to: edge-a, reason: Drain}|spec cannot be changed",
            })
    void keeps(String kind, String before, String after, String why) {
        apply(kind, before);

        KubernetesClientException e = refusal(kind, after);

        assertThat(e).isNotNull();
        assertThat(e.getMessage()).contains(why);
    }
}
