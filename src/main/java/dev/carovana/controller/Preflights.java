// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.model.Reason;
import java.util.List;

/** Asks whether an instance could move, without touching anything. */
public interface Preflights {
    /**
     * Checks the pod's template, both sites and both agents.
     *
     * @return every reason that speaks against the move; empty if it can go
     */
    List<Reason> check(String namespace, String instance, String to);
}
