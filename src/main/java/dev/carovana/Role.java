// SPDX-License-Identifier: Apache-2.0
package dev.carovana;

/** What this process does; set by {@code carovana.role}. */
public enum Role {
    /** Reconciles, serves REST and events; one per hub. */
    CONTROLLER,
    /** Dumps, streams and restores on one node. */
    AGENT,
    /** Takes users' calls at one site and passes them on to their instances. */
    GATEWAY
}
