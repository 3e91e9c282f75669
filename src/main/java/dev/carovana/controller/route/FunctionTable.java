// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.model.FunctionContract;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The functions that users can call, by namespace and name. Two of different kinds may have one name: the older one has
 * it, and the other one gets it when that goes. Thread-safe.
 */
final class FunctionTable {
    /**
     * A function.
     *
     * @param uid of its object
     * @param created when that was made, RFC 3339
     */
    record Entry(FunctionRef reference, String uid, String created, FunctionContract contract, FunctionRoute route) {}

    private record Name(String namespace, String name) {}

    private final Map<Name, Map<FunctionRef, Entry>> all = new HashMap<>();

    synchronized void put(String namespace, Entry entry) {
        all.computeIfAbsent(new Name(namespace, entry.reference().name()), n -> new HashMap<>())
                .put(entry.reference(), entry);
    }

    synchronized void remove(String namespace, FunctionRef reference) {
        Name name = new Name(namespace, reference.name());
        all.computeIfPresent(name, (n, entries) -> {
            entries.remove(reference);
            return entries.isEmpty() ? null : entries;
        });
    }

    /** Who has a name. */
    Optional<Entry> find(String namespace, String name) {
        return byAge(namespace, name).stream().findFirst();
    }

    /** Those with a name that another one has. */
    List<Entry> younger(String namespace, String name) {
        return byAge(namespace, name).stream().skip(1).toList();
    }

    private synchronized List<Entry> byAge(String namespace, String name) {
        return all.getOrDefault(new Name(namespace, name), Map.of()).values().stream()
                .sorted(Comparator.comparing(Entry::created)
                        .thenComparing(e -> e.reference().kind()))
                .toList();
    }

    /** Whether calls by a function's name go to this one: another one that is unknown here has no name of its own. */
    boolean has(String namespace, FunctionRef reference) {
        return find(namespace, reference.name())
                .map(entry -> entry.reference().equals(reference))
                .orElse(true);
    }
}
