// SPDX-License-Identifier: Apache-2.0
package dev.carovana.samples.readings;

/** The caller's mistake: which field, its value, and what was expected. */
class InvalidReading extends RuntimeException {
    InvalidReading(String message) {
        super(message);
    }
}
