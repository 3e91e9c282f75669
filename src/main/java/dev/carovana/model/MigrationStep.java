// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link MigrationMachine} decides: write the phase first, then have the effects.
 *
 * @param phase the phase to be in
 * @param reason why, when the phase tells of a failure
 * @param effects what to do now; each may be done again at any time
 * @param settled nothing is left to do, ever
 */
public record MigrationStep(MigrationPhase phase, @Nullable Reason reason, Set<Effect> effects, boolean settled) {

    /** Something to be done; doing it twice is harmless. In the order in which they are done. */
    public enum Effect {
        RUN_PREFLIGHT,
        CREATE_DESTINATION_POD,
        PREPARE_DESTINATION,
        PRE_COPY,
        DRAIN,
        HAND_OVER,
        TELL_SOURCE_RESTORED,
        TELL_SOURCE_NEVER_RESUMED,
        SWITCH_ROUTE,
        FREE_INSTANCE,
        ABORT_SOURCE,
        ABORT_DESTINATION,
        DELETE_DESTINATION_POD,
        DELETE_SOURCE_POD,
        FINISH
    }

    static MigrationStep in(MigrationPhase phase, Effect... effects) {
        Set<Effect> set = EnumSet.noneOf(Effect.class);
        set.addAll(List.of(effects));
        return new MigrationStep(phase, null, set, false);
    }

    MigrationStep because(@Nullable Reason why) {
        return new MigrationStep(phase, why, effects, settled);
    }

    MigrationStep asSettled() {
        return new MigrationStep(phase, reason, effects, true);
    }
}
