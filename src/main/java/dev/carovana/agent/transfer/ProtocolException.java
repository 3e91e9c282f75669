// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.IOException;

/** The peer sent what the protocol does not allow, or what arrived is not what was sent. */
public final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1;

    public ProtocolException(String message) {
        super(message);
    }
}
