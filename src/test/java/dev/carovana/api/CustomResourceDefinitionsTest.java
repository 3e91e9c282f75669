// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.Site;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files in k8s/crd say what the classes say. {@code -Dcrd.update=true} writes them. */
class CustomResourceDefinitionsTest {
    private static final Path COMMITTED = Path.of("k8s/crd");

    @TempDir
    File generated;

    @ParameterizedTest
    @ValueSource(classes = {Site.class, FunctionInstance.class, Migration.class})
    void committedAsGenerated(Class<? extends HasMetadata> type) throws IOException {
        new CRDGenerator()
                .customResourceClasses(type)
                .forCRDVersions("v1")
                .inOutputDir(generated)
                .generate();
        String file = HasMetadata.getFullResourceName(type) + "-v1.yml";
        String wanted = Files.readString(generated.toPath().resolve(file));
        if (Boolean.getBoolean("crd.update")) {
            Files.writeString(COMMITTED.resolve(file), wanted);
        }

        assertThat(Files.readString(COMMITTED.resolve(file)))
                .as("k8s/crd/" + file + ": run this test with -Dcrd.update=true and commit what it wrote")
                .isEqualTo(wanted);
    }

    @ParameterizedTest
    @ValueSource(classes = {Site.class, FunctionInstance.class, Migration.class})
    void complete(Class<? extends HasMetadata> type) throws IOException {
        CustomResourceDefinition crd = Serialization.unmarshal(
                Files.readString(COMMITTED.resolve(HasMetadata.getFullResourceName(type) + "-v1.yml")),
                CustomResourceDefinition.class);
        CustomResourceDefinitionVersion version = crd.getSpec().getVersions().getFirst();

        assertThat(version.getSubresources().getStatus()).isNotNull();
        assertThat(version.getAdditionalPrinterColumns()).extracting("name").contains("Age");
        assertThat(version.getSchema()
                        .getOpenAPIV3Schema()
                        .getProperties()
                        .get("spec")
                        .getXKubernetesValidations())
                .isNotEmpty();
    }
}
