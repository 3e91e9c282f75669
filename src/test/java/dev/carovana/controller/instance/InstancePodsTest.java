// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.Golden;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.controller.function.SomeFunction;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole pods as YAML: what an instance is given beside its template can be read in {@code instance-pods/}. */
class InstancePodsTest {
    private static FunctionInstance instance() {
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withName("cart-alice")
                .withNamespace("functions")
                .withUid("instance-uid")
                .build());
        instance.setSpec(new FunctionInstanceSpec(new FunctionRef("apps/v1", "Deployment", "cart"), "alice", "edge-a"));
        return instance;
    }

    private static Site liqo(String cluster) {
        return site(new SiteSpec(new SiteSpec.Liqo(cluster), null, null, null, null, null, null, null));
    }

    private static Site site(SiteSpec spec) {
        Site site = new Site();
        site.setSpec(spec);
        return site;
    }

    private static <T> T read(String file, Class<T> type) {
        return Golden.read("instance-pods/" + file, type);
    }

    private static void same(Pod pod, String expected) {
        Golden.same(pod, "instance-pods/" + expected);
    }

    @Test
    void aFreshPodAtASiteBehindLiqo() {
        PodTemplateSpec template = read("fresh-liqo/in.yaml", PodTemplateSpec.class);

        same(
                InstancePods.fresh(instance(), SomeFunction.of(template, "local"), liqo("edge-a"), 1),
                "fresh-liqo/out.yaml");
    }

    @Test
    void aFreshPodAtTheHubsOwnNodes() {
        PodTemplateSpec template = read("fresh-local/in.yaml", PodTemplateSpec.class);
        Site local = site(new SiteSpec(null, new SiteSpec.Local(), null, null, null, null, null, null));

        same(InstancePods.fresh(instance(), SomeFunction.of(template, "local"), local, 3), "fresh-local/out.yaml");
    }

    /** Liqo has the site's own token made for the pod then, of the ServiceAccount of the same name. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "automountServiceAccountToken: true",
                "volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: token}}]}}]"
            })
    void aFunctionThatWantsATokenHasOneAtEachSite(String wish) {
        PodTemplateSpec template = Serialization.unmarshal("spec: {" + wish + "}", PodTemplateSpec.class);

        Pod pod = InstancePods.fresh(instance(), SomeFunction.of(template, "local"), liqo("edge-a"), 1);
        Pod next = InstancePods.destination(instance(), pod, liqo("edge-b"), 2, "migration-uid");

        assertThat(List.of(pod, next)).allSatisfy(each -> {
            assertThat(each.getSpec().getAutomountServiceAccountToken()).isTrue();
            assertThat(each.getMetadata().getAnnotations()).containsEntry("liqo.io/api-server-support", "remote");
        });
    }

    @Test
    void aDestinationPodWithHeldContainers() {
        Pod source = read("destination/in.yaml", Pod.class);

        same(InstancePods.destination(instance(), source, liqo("edge-b"), 2, "migration-uid"), "destination/out.yaml");
    }

    @Test
    void anotherNodeOfASiteIsLeftToTheSitesScheduler() {
        Pod source = read("destination/in.yaml", Pod.class);
        Pod plain = InstancePods.destination(instance(), source, liqo("edge-a"), 2, "migration-uid");

        Pod apart = InstancePods.apart(plain, liqo("edge-a"));

        assertThat(apart.getSpec()).isEqualTo(plain.getSpec());
        assertThat(apart.getMetadata().getAnnotations())
                .containsEntry("liqo.io/anti-affinity-preset", "hard")
                .containsEntry("liqo.io/anti-affinity-labels", "carovana.dev/instance");
        assertThat(InstancePods.destination(instance(), apart, liqo("edge-b"), 3, "next")
                        .getMetadata()
                        .getAnnotations())
                .doesNotContainKeys("liqo.io/anti-affinity-preset", "liqo.io/anti-affinity-labels");
    }

    @Test
    void anotherOfTheHubsOwnNodesIsNotTheOneThatHasThePod() {
        Pod source = read("destination/in.yaml", Pod.class);
        Site local = site(new SiteSpec(null, new SiteSpec.Local(), null, null, null, null, null, null));
        Pod plain = InstancePods.destination(instance(), source, local, 2, "migration-uid");

        var affinity = InstancePods.apart(plain, local).getSpec().getAffinity();

        assertThat(affinity.getNodeAffinity())
                .isEqualTo(plain.getSpec().getAffinity().getNodeAffinity());
        assertThat(affinity.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecution())
                .singleElement()
                .satisfies(term -> {
                    assertThat(term.getTopologyKey()).isEqualTo("kubernetes.io/hostname");
                    assertThat(term.getLabelSelector().getMatchLabels())
                            .isEqualTo(Map.of("carovana.dev/instance", "cart-alice"));
                });
    }

    @Test
    void theDestinationOfADestinationIsTheSameAgain() {
        Pod source = read("destination/in.yaml", Pod.class);
        Pod there = InstancePods.destination(instance(), source, liqo("edge-b"), 2, "first");
        there.setStatus(source.getStatus());

        Pod back = InstancePods.destination(instance(), there, liqo("edge-a"), 3, "second");
        there = InstancePods.destination(instance(), source, liqo("edge-a"), 3, "second");

        assertThat(Serialization.asYaml(back)).isEqualTo(Serialization.asYaml(there));
    }

    @Test
    void aDestinationPodSaysWhatIsSentToIt() {
        Pod source = read("destination/in.yaml", Pod.class);
        Pod plain = InstancePods.destination(instance(), source, liqo("edge-b"), 2, "migration-uid");

        Pod taking = InstancePods.taking(plain, List.of("data", "logs"));

        assertThat(taking.getMetadata().getAnnotations()).containsEntry("carovana.dev/send-volumes", "data,logs");
        assertThat(InstancePods.taking(taking, List.of()))
                .as("not what was sent in an earlier move")
                .isEqualTo(plain);
    }
}
