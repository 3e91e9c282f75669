// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.Golden;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.controller.function.Function;
import dev.carovana.controller.function.SomeFunction;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import org.junit.jupiter.api.Test;

class CopyObjectsTest {
    private static final FunctionRef WORDS = new FunctionRef("apps/v1", "Deployment", "words");

    @Test
    void aCopyIsADeploymentAtTheSitesNodesAndAService() {
        Function function = SomeFunction.of(Golden.read("copy/in.yaml", PodTemplateSpec.class), "remote");
        Site site = new Site();
        site.setMetadata(new ObjectMetaBuilder().withName("edge-a").build());
        site.setSpec(new SiteSpec(new SiteSpec.Liqo("edge-a"), null, null, null, null, null, null, null));

        Golden.same(CopyObjects.deployment("functions", "words-edge-a", function, site), "copy/deployment.yaml");
        Golden.same(CopyObjects.service("functions", "words-edge-a", function), "copy/service.yaml");
    }

    @Test
    void itsNameTellsFunctionAndSiteAndIsTheSameEachTime() {
        String name = CopyObjects.name(WORDS, "edge-a");

        assertThat(name).startsWith("words-edge-a-").isEqualTo(CopyObjects.name(WORDS, "edge-a"));
        assertThat(name)
                .isNotEqualTo(CopyObjects.name(new FunctionRef("openfaas.com/v1", "Function", "words"), "edge-a"))
                .isNotEqualTo(CopyObjects.name(WORDS, "edge-b"));
    }

    @Test
    void theLongestNamesGiveAValidHostName() {
        FunctionRef longest = new FunctionRef("apps/v1", "Deployment", "9".repeat(60));

        assertThat(CopyObjects.name(longest, "s".repeat(60))).matches("[a-z][a-z0-9-]{0,61}[a-z0-9]");
    }
}
