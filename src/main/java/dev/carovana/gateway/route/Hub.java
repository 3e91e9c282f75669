// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

/** What a gateway tells the controller. Nothing is lost if the link is down: what is still so is said again. Thread-safe. */
public interface Hub {
    /** Whether the link is up. */
    boolean isConnected();

    /** A user without an instance calls. */
    void want(String namespace, String function, String user);

    /** Calls of an instance are held, and none is under way. */
    void drained(String namespace, String instance, String hold);
}
