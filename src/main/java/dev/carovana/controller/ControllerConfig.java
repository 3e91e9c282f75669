// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the controller. */
@ConfigMapping(prefix = "carovana")
public interface ControllerConfig {
    /**
     * Key of the hash that stands for a user in names, and of the transfers' tokens. From a Secret; the same for the
     * life of the installation. The default is for development only.
     */
    @WithDefault("development")
    String userKey();
}
