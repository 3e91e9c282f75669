// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.controller.instance.MigrationRequests;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Which instances are on their way: a migration is active, or is about to be made. Pure. */
final class MovesUnderWay {
    private final Map<String, List<Migration>> migrations = new HashMap<>();

    MovesUnderWay(Collection<Migration> all) {
        for (Migration migration : all) {
            String key = migration.getMetadata().getNamespace() + "/"
                    + migration.getSpec().instance();
            migrations.computeIfAbsent(key, k -> new ArrayList<>()).add(migration);
        }
    }

    List<Migration> of(FunctionInstance instance) {
        return migrations.getOrDefault(
                instance.getMetadata().getNamespace() + "/"
                        + instance.getMetadata().getName(),
                List.of());
    }

    /** The site to which the instance goes; empty if it does not move now. */
    Optional<String> destination(FunctionInstance instance) {
        Optional<Migration> active =
                of(instance).stream().filter(MigrationRequests::isActive).findFirst();
        if (active.isPresent()) {
            return active.map(migration -> migration.getSpec().to());
        }
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        String wanted = instance.getSpec().site();
        boolean wished = status.phase() == Phase.Running && !wanted.equals(status.site());
        boolean tried = of(instance).stream().anyMatch(m -> MigrationRequests.answers(m, instance));
        return wished && !tried || status.migration() != null ? Optional.of(wanted) : Optional.empty();
    }

    /** How many go to a site, or leave it. */
    int at(String site, Collection<FunctionInstance> instances) {
        return (int) instances.stream()
                .filter(instance -> destination(instance)
                        .filter(to -> to.equals(site)
                                || Objects.equals(InstanceStatuses.of(instance).site(), site))
                        .isPresent())
                .count();
    }
}
