// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.link.Agents;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.Step;

/** What agents say of where a migration's instance executes, before any status does. */
enum Word {
    /** Nothing yet. */
    NONE,
    /** It runs at the destination. */
    RESTORED,
    /** It runs on at the source. */
    THAWED;

    static Word of(Agents agents, String migration) {
        if (step(agents, migration, Side.DESTINATION) == Step.RESTORED) {
            return RESTORED;
        }
        return switch (step(agents, migration, Side.SOURCE)) {
            case RELEASED -> RESTORED;
            case THAWED -> THAWED;
            default -> NONE;
        };
    }

    private static Step step(Agents agents, String migration, Side side) {
        return agents.said(migration, side).map(said -> said.report().getStep()).orElse(Step.STEP_UNKNOWN);
    }
}
