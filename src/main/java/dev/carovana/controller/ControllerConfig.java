// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.OptionalInt;

/** Settings of the controller. */
@ConfigMapping(prefix = "carovana")
public interface ControllerConfig {
    /**
     * Key of the hash that stands for a user in names, and of the transfers' tokens. From a Secret; the same for the
     * life of the installation. The default is for development only.
     */
    @WithDefault("development")
    String userKey();

    /** What users may have. */
    Limits limits();

    interface Limits {
        /** Most instances of one user, of all functions together; absent means no limit. */
        OptionalInt instancesPerUser();
    }

    Copies copies();

    interface Copies {
        /** How long a copy of a remote-state function stays at a site without users. */
        @WithDefault("60s")
        Duration grace();
    }

    /** How long each wait of a migration may last. */
    Timeouts timeouts();

    interface Timeouts {
        /** Until the destination pod's containers are held: pulls images. */
        @WithDefault("120s")
        Duration prepare();

        /** Until the source's agent has decided. */
        @WithDefault("60s")
        Duration handover();

        /** After the handover, until the migration is called in doubt. */
        @WithDefault("30s")
        Duration restore();
    }
}
