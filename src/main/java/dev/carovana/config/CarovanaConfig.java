// SPDX-License-Identifier: Apache-2.0
package dev.carovana.config;

import dev.carovana.Role;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The settings that every role has. */
@ConfigMapping(prefix = "carovana")
public interface CarovanaConfig {
    /** Which part of Carovana this process is. */
    @WithDefault("controller")
    Role role();

    /** Certificates of the link between controller and agents, and between agents. */
    Tls tls();

    /** Where the controller listens for agents. */
    Link link();

    /** The API server of the cluster that this process runs in. */
    Kubernetes kubernetes();

    interface Kubernetes {
        /** How long it may take to answer a request. */
        @WithDefault("10s")
        Duration requestTimeout();
    }

    interface Link {
        /** TCP port; 0 lets the system choose. */
        @WithDefault("9443")
        int port();
    }

    interface Tls {
        /** Folder with {@code tls.crt}, {@code tls.key} and {@code ca.crt}; a site's certificate names it: CN=SITE. */
        Optional<String> directory();
    }
}
