// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.time.Duration;

/**
 * How long each wait of a migration may last.
 *
 * @param prepare until the destination pod's containers are held: pulls images
 * @param preCopy until the source's agent is ready to freeze: sends the memory once
 * @param drain until every gateway holds the instance's calls and none is under way
 * @param handover until the source's agent has decided, while it is connected
 * @param restore after the handover, until the hub calls the migration in doubt
 */
public record MigrationTimeouts(
        Duration prepare, Duration preCopy, Duration drain, Duration handover, Duration restore) {
    public static final MigrationTimeouts DEFAULT = new MigrationTimeouts(
            Duration.ofSeconds(120),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30));
}
