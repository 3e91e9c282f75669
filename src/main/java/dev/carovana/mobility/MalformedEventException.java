// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import java.nio.charset.StandardCharsets;

/** An attribute of an event, or a field of its data, is not as it has to be. */
class MalformedEventException extends Exception {
    private static final long serialVersionUID = 1L;
    /** Of what somebody sent, this much is sent back and logged. */
    private static final int SHOWN = 100;

    private final String attribute;
    private final String value;
    private final String expected;
    private EventFormat format = EventFormat.NONE;

    MalformedEventException(String attribute, String value, String expected) {
        super(shown(attribute) + " is '" + shown(value) + "', expected " + expected);
        this.attribute = shown(attribute);
        this.value = shown(value);
        this.expected = expected;
    }

    /** The same, of an event whose format is known. */
    MalformedEventException in(EventFormat known) {
        format = known;
        return this;
    }

    EventFormat format() {
        return format;
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

    private static String shown(String text) {
        String cut = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
        return new String(cut.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8); // half a character is none
    }
}
