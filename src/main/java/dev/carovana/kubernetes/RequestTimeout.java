// SPDX-License-Identifier: Apache-2.0
package dev.carovana.kubernetes;

import dev.carovana.config.CarovanaConfig;
import io.fabric8.kubernetes.client.Config;
import io.quarkus.kubernetes.client.KubernetesConfigCustomizer;
import jakarta.inject.Singleton;

/** Quarkus' own setting is fixed when the program is built. */
@Singleton
class RequestTimeout implements KubernetesConfigCustomizer {
    private final CarovanaConfig carovana;

    RequestTimeout(CarovanaConfig carovana) {
        this.carovana = carovana;
    }

    @Override
    public void customize(Config config) {
        config.setRequestTimeout(
                Math.toIntExact(carovana.kubernetes().requestTimeout().toMillis()));
    }
}
