// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

/** An attribute of an event, or a field of its data, is not as it has to be. */
class MalformedEventException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String attribute;
    private final String value;
    private final String expected;

    MalformedEventException(String attribute, String value, String expected) {
        super(attribute + " is '" + value + "', expected " + expected);
        this.attribute = attribute;
        this.value = value;
        this.expected = expected;
    }

    String attribute() {
        return attribute;
    }

    String value() {
        return value;
    }

    String expected() {
        return expected;
    }
}
