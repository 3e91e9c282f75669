// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

/** A step that went wrong, with its reason for the hub. */
final class StepFailed extends Exception {
    private static final long serialVersionUID = 1;

    private final String reason;

    /** @param reason CamelCase */
    StepFailed(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
