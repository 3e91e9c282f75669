// SPDX-License-Identifier: Apache-2.0
package dev.carovana.knative;

import dev.carovana.Golden;
import io.fabric8.knative.serving.v1.Revision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Revisions as Knative's webhook and controller leave them, and the pod templates made of them. */
class RevisionTemplatesTest {
    @ParameterizedTest
    @ValueSource(strings = {"one", "two"})
    void aPodTemplateAsKnativeMakesItButWithoutQueueProxy(String name) {
        Golden.same(
                RevisionTemplates.of(Golden.read("knative/" + name + "/in.yaml", Revision.class)),
                "knative/" + name + "/out.yaml");
    }
}
