// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.IOException;

/** The destination refuses, and says why. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;
    /** The destination has no record of the migration. */
    public static final String UNKNOWN_MIGRATION = "UnknownMigration";

    private final String reason;

    public RefusedException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** CamelCase. */
    public String reason() {
        return reason;
    }
}
