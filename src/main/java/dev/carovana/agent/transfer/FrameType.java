// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

/** The kinds of frames; a number once given is never given again. */
enum FrameType {
    /** Source: which migration, and the token. */
    HELLO(1),
    /** Destination: where it stands. */
    WELCOME(2),
    /** Source: a file begins. */
    OPEN(3),
    /** Source: bytes of a file. */
    DATA(4),
    /** Source: a file ends. */
    CLOSE(6),
    /** Source: everything was sent. */
    DONE(7),
    /** Destination: everything is here, and its digests are right. */
    RECEIVED(8),
    /** Source: the handover. */
    END(9),
    /** Destination: what became of it. */
    OUTCOME(10),
    /** Source: never restore it, whatever arrives later. */
    CANCEL(11),
    /** Destination: no, and why. The connection ends. */
    REFUSED(12),
    /** Both: still there. */
    PING(13);

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static FrameType of(int code) throws ProtocolException {
        for (FrameType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new ProtocolException("unknown frame type " + code);
    }
}
