// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

/** An event that may be well-formed, but is of a type that nobody reads here. */
class UnknownTypeException extends MalformedEventException {
    private static final long serialVersionUID = 1L;

    UnknownTypeException(String attribute, String value, String expected) {
        super(attribute, value, expected);
    }
}
