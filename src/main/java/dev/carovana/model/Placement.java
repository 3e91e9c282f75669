// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where an instance can go.
 *
 * @param sites those that can take it, the best first
 * @param excluded why each of the others cannot
 */
public record Placement(List<String> sites, List<Reason> excluded) {

    /**
     * What matters of a site.
     *
     * @param instances those that are there or on their way
     * @param migrations moves to or from the site that are under way
     */
    public record Candidate(
            String name,
            boolean ready,
            boolean cordoned,
            int instances,
            @Nullable Integer maxInstances,
            int migrations,
            @Nullable Integer maxMigrations,
            @Nullable Location location) {}

    /**
     * Orders the sites for an instance that starts, or moves.
     *
     * @param source the site that it leaves; null if it starts
     * @param refusals further reasons against sites, by name
     */
    public static Placement of(
            PlacementPolicy policy,
            @Nullable Candidate source,
            Collection<Candidate> candidates,
            AllowedSites allowed,
            Map<String, Reason> refusals) {
        List<Candidate> fit = new ArrayList<>();
        List<Reason> excluded = new ArrayList<>();
        for (Candidate candidate : candidates) {
            if (source != null && source.name().equals(candidate.name())) {
                continue;
            }
            against(candidate, source != null, allowed)
                    .or(() -> Optional.ofNullable(refusals.get(candidate.name())))
                    .ifPresentOrElse(excluded::add, () -> fit.add(candidate));
        }
        Comparator<Candidate> order = Comparator.comparingDouble(load(fit));
        if (policy == PlacementPolicy.Nearest) {
            // sites whose distance nobody knows are equal, so the load decides between them
            order = Comparator.<Candidate>comparingDouble(c -> distance(source, c))
                    .thenComparing(order);
        }
        fit.sort(order.thenComparing(Candidate::name));
        excluded.sort(Comparator.comparing(Reason::message));
        return new Placement(fit.stream().map(Candidate::name).toList(), List.copyOf(excluded));
    }

    /** The best site, if any can take the instance. */
    public Optional<String> choice() {
        return sites.stream().findFirst();
    }

    /** Why there is no choice, for people. */
    public Reason refusal() {
        return new Reason(
                "NoSite",
                excluded.isEmpty()
                        ? "there is no site for the instance"
                        : excluded.stream().map(Reason::message).collect(Collectors.joining("; ")));
    }

    private static Optional<Reason> against(Candidate site, boolean move, AllowedSites allowed) {
        Optional<Reason> forbidden = allowed.against(site.name());
        if (forbidden.isPresent()) {
            return forbidden;
        }
        if (site.cordoned()) {
            return reason(site, "SiteCordoned", "spec.cordoned is true");
        }
        if (!site.ready()) {
            return reason(site, "SiteNotReady", "condition Ready is not true");
        }
        if (site.maxInstances() != null && site.instances() >= site.maxInstances()) {
            return limit(site, "maxInstances", site.maxInstances(), site.instances());
        }
        if (move && site.maxMigrations() != null && site.migrations() >= site.maxMigrations()) {
            return limit(site, "maxMigrations", site.maxMigrations(), site.migrations());
        }
        return Optional.empty();
    }

    private static Optional<Reason> limit(Candidate site, String field, int limit, int used) {
        return reason(site, "SiteLimit", "spec.limits." + field + " is " + limit + " and " + used + " are there");
    }

    private static Optional<Reason> reason(Candidate site, String code, String what) {
        return Optional.of(new Reason(code, "site " + site.name() + ": " + what));
    }

    /** A share of the limit can be compared with another share only: one site without a limit, and numbers count. */
    private static ToDoubleFunction<Candidate> load(List<Candidate> sites) {
        boolean shares = sites.stream().allMatch(site -> site.maxInstances() != null);
        return site -> shares && site.maxInstances() != null
                ? (double) site.instances() / site.maxInstances()
                : site.instances();
    }

    private static double distance(@Nullable Candidate source, Candidate site) {
        return source == null || source.location() == null || site.location() == null
                ? Double.POSITIVE_INFINITY
                : source.location().distanceTo(site.location());
    }
}
