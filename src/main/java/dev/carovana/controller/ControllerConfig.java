// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

    /** How instances follow their users. */
    Mobility mobility();

    interface Mobility {
        /**
         * For how long an instance does not follow its user back to the site that an event has just taken it from; 0s
         * for at once. The default is about as long as a move takes: a user at the border of two cells does not make an
         * instance stand still twice in one breath, and one who really goes back does not wait longer than for a move.
         */
        @WithDefault("2s")
        Duration hysteresis();
    }

    /** Who is told, as CloudEvents, what has become of migrations. */
    Sinks sinks();

    interface Sinks {
        /** URLs to which events are posted. */
        Optional<List<URI>> urls();

        /** File with a bearer token for all of them; read for each event. */
        Optional<Path> tokenFile();

        /** Whether events name the user. */
        @WithDefault("false")
        boolean userIds();
    }

    interface Timeouts {
        /** Until the agents of both sites are there: one that is being started again is back in seconds. */
        @WithDefault("10s")
        Duration agents();

        /** Until the agents have said what speaks against a move; one that has not by then counts as silent. */
        @WithDefault("5s")
        Duration preflight();

        /** Until the destination pod's containers are held: pulls images. */
        @WithDefault("120s")
        Duration prepare();

        /** Until the source's agent is ready to freeze: sends the instance's memory once. */
        @WithDefault("60s")
        Duration preCopy();

        /** Until every gateway holds the instance's calls and none is under way. */
        @WithDefault("30s")
        Duration drain();

        /** Until the source's agent has decided. */
        @WithDefault("60s")
        Duration handover();

        /** After the handover, until the migration is called in doubt. */
        @WithDefault("30s")
        Duration restore();
    }
}
