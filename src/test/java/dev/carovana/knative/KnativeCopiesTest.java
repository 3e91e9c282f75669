// SPDX-License-Identifier: Apache-2.0
package dev.carovana.knative;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.controller.SitePods;
import dev.carovana.controller.function.Function;
import dev.carovana.controller.function.SomeFunction;
import io.fabric8.knative.serving.v1.RevisionTemplateSpec;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KnativeCopiesTest {
    private static final Service WORDS = Serialization.unmarshal(
            """
            apiVersion: serving.knative.dev/v1
            kind: Service
            metadata: {name: words, namespace: functions, labels: {carovana.dev/state: remote}}
            spec:
              template:
                metadata:
                  name: words-first
                  labels: {app: words}
                  annotations: {autoscaling.knative.dev/max-scale: "5"}
                spec:
                  timeoutSeconds: 10
                  containers: [{image: words, ports: [{containerPort: 8080}]}]
              traffic: [{revisionName: words-first, percent: 100}]
            """,
            Service.class);

    private static Service copy() {
        Site site = new Site();
        site.setMetadata(new ObjectMetaBuilder().withName("edge-a").build());
        site.setSpec(new SiteSpec(new SiteSpec.Liqo("edge-a"), null, null, null, null, null, null, null));
        Function function = SomeFunction.of(new PodTemplateSpec(), "remote");
        return KnativeCopies.copy("words-edge-a", WORDS, function, site);
    }

    @Test
    void aCopyIsAServiceWithTheSameTemplateAtTheSitesNodes() {
        RevisionTemplateSpec template = copy().getSpec().getTemplate();

        assertThat(template.getSpec().getContainers())
                .isEqualTo(WORDS.getSpec().getTemplate().getSpec().getContainers());
        assertThat(template.getSpec().getTimeoutSeconds()).isEqualTo(10);
        assertThat(template.getSpec().getTolerations()).containsExactly(SitePods.OFFLOADED);
        assertThat(template.getSpec().getAffinity().getNodeAffinity()).isNotNull();
        assertThat(template.getMetadata().getAnnotations())
                .as("how it is scaled")
                .containsEntry("autoscaling.knative.dev/max-scale", "5");
        assertThat(template.getMetadata().getLabels())
                .containsExactlyInAnyOrderEntriesOf(Map.of("app", "words", "carovana.dev/copy", "words-edge-a"));
    }

    @Test
    void aCopyIsNoFunctionAndGoesWithItsOwn() {
        Service copy = copy();

        assertThat(copy.getMetadata().getLabels()).containsExactly(Map.entry("carovana.dev/copy", "words-edge-a"));
        assertThat(copy.getMetadata().getOwnerReferences()).hasSize(1);
    }

    @Test
    void theNamesOfTheOriginalsRevisionsAreNotTheCopys() {
        assertThat(copy().getSpec().getTemplate().getMetadata().getName()).isNull();
        assertThat(copy().getSpec().getTraffic()).isEmpty();
    }

    @Test
    void itsKubernetesServiceIsTheOneOfItsRoute() {
        var own = new ServiceBuilder().withNewMetadata().endMetadata().build();
        var ofRoute = new ServiceBuilder()
                .withNewMetadata()
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("serving.knative.dev/v1")
                        .withKind("Route")
                        .build())
                .endMetadata()
                .build();

        assertThat(KnativeCopies.isOfRoute(own)).isFalse();
        assertThat(KnativeCopies.isOfRoute(ofRoute)).isTrue();
    }
}
