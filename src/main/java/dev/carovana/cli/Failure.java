// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

/** Ends the program, with a message for people and an exit code for programs. */
final class Failure extends RuntimeException {
    /** The server said no, or what was waited for has not come about. */
    static final int REFUSED = 1;

    /** An option's value that cannot be used; the same as picocli's. */
    static final int USAGE = 2;

    /** The server did not answer, or ended a stream. */
    static final int UNREACHABLE = 3;

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    Failure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
