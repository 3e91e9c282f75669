// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.controller.Conditions;
import dev.carovana.controller.copy.Copies.Copy;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The changes of the status of an instance that a copy serves. Pure: from one status to the next. */
final class ServedChanges {
    private ServedChanges() {}

    /** What the copy at the site where the instance should be shows. */
    static FunctionInstanceStatus followed(
            FunctionInstanceStatus s, String site, Copy copy, Long generation, Instant now) {
        return copy.ready() ? served(s, site, copy, generation, now) : awaited(s, site, copy, generation, now);
    }

    /** The copy at a site is ready: calls go to it from now on. A new address is a new epoch. */
    private static FunctionInstanceStatus served(
            FunctionInstanceStatus s, String site, Copy copy, Long generation, Instant now) {
        long epoch = Objects.requireNonNullElse(s.epoch(), 1L);
        boolean changes = s.address() != null && !copy.name().equals(s.copy());
        List<Condition> conditions = Conditions.with(
                s.conditions(), "Ready", true, "CopyReady", "copy " + copy.name() + " takes calls", generation, now);
        conditions = Conditions.with(
                conditions, "Routable", true, "Address", "calls go to " + copy.address(), generation, now);
        conditions = Conditions.with(conditions, "Migrating", false, "NoMigration", "", generation, now);
        return of(
                Phase.Running, site, changes ? epoch + 1 : epoch, copy.name(), copy.address(), generation, conditions);
    }

    /** The copy at a site is not ready: calls go on where they went. */
    private static FunctionInstanceStatus awaited(
            FunctionInstanceStatus s, String site, Copy copy, Long generation, Instant now) {
        String what = "copy " + copy.name() + " is coming up at " + site;
        if (copy.name().equals(s.copy()) && s.address() != null) {
            return of(
                    Phase.Running,
                    s.site(),
                    s.epoch(),
                    s.copy(),
                    s.address(),
                    generation,
                    Conditions.with(s.conditions(), "Ready", false, "CopyNotReady", what, generation, now));
        }
        if (s.address() != null) {
            return of(
                    Phase.Migrating,
                    s.site(),
                    s.epoch(),
                    s.copy(),
                    s.address(),
                    generation,
                    Conditions.with(s.conditions(), "Migrating", true, "CopyStarting", what, generation, now));
        }
        List<Condition> conditions = Conditions.with(s.conditions(), "Ready", false, "Starting", what, generation, now);
        conditions = Conditions.with(conditions, "Routable", false, "Starting", "no address yet", generation, now);
        return of(Phase.Starting, site, s.epoch(), copy.name(), null, generation, conditions);
    }

    /** The user cannot be served where the instance should be: calls go on where they went. */
    static FunctionInstanceStatus refused(FunctionInstanceStatus s, Reason reason, Long generation, Instant now) {
        return of(
                Phase.Migrating,
                s.site(),
                s.epoch(),
                s.copy(),
                s.address(),
                generation,
                Conditions.with(s.conditions(), "Migrating", true, reason.code(), reason.message(), generation, now));
    }

    private static FunctionInstanceStatus of(
            Phase phase,
            @Nullable String site,
            @Nullable Long epoch,
            @Nullable String copy,
            @Nullable String address,
            Long generation,
            List<Condition> conditions) {
        return new FunctionInstanceStatus(
                generation, phase, site, null, null, null, epoch, copy, address, null, null, null, conditions);
    }
}
