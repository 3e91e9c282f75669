// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import dev.carovana.link.v1.FunctionRoute.Retry;

/** Whether a call that broke while it was under way may be sent again: it may have been executed. */
final class RetryRule {
    static final int MOST = 2;

    private RetryRule() {}

    static boolean allows(Retry retry, String method) {
        return switch (retry) {
            case ALWAYS -> true;
            case NEVER -> false;
            case IDEMPOTENT, UNRECOGNIZED ->
                switch (method) {
                    case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
                    default -> false;
                };
        };
    }
}
