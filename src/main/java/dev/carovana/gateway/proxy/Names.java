// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

/** Headers of our own. What begins with {@code Carovana-} is never taken from a user. */
final class Names {
    /** Of the pod that the call is meant for; in answers, of the pod that gave it. */
    static final String EPOCH = "Carovana-Epoch";

    static final String INSTANCE = "Carovana-Instance";
    /** As {@code namespace/name}. */
    static final String FUNCTION = "Carovana-Function";
    /** The user's id, in base64url. */
    static final String USER = "Carovana-User";
    /** In an answer to a gateway: the call was not executed, and this is the epoch that is known here. */
    static final String STALE = "Carovana-Stale";

    static final String SITE = "Carovana-Site";

    private Names() {}
}
