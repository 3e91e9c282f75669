// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.link.Agents.Agent;
import dev.carovana.link.v1.Facts;
import dev.carovana.model.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a destination must have for a pod to move there, as far as the hub knows it. Pure. */
final class SiteRules {
    private static final Set<String> AGENT_AWAY = Set.of("AgentAbsent", "AgentSilent", "SourceAgent");

    private SiteRules() {}

    /** Reasons against the site itself: cordoned, full, or without an agent. */
    static List<Reason> check(
            Site site, List<Agent> agents, List<String> refusedAgents, int instances, int migrations) {
        List<Reason> reasons = new ArrayList<>();
        String name = site.getMetadata().getName();
        SiteSpec spec = site.getSpec();
        if (Boolean.TRUE.equals(spec.cordoned())) {
            reasons.add(new Reason("SiteCordoned", "site " + name + ": spec.cordoned is true"));
        }
        if (spec.limits() != null) {
            checkLimit(reasons, name, "maxInstances", spec.limits().maxInstances(), instances);
            checkLimit(reasons, name, "maxMigrations", spec.limits().maxMigrations(), migrations);
        }
        if (agents.isEmpty()) {
            reasons.add(agentAbsent(name, refusedAgents));
        }
        return reasons;
    }

    /** Why a site without a connected agent has none: perhaps one that is too old tries in vain. */
    static Reason agentAbsent(String site, List<String> refusedAgents) {
        return refusedAgents.isEmpty()
                ? new Reason("AgentAbsent", "site " + site + ": no agent is connected")
                : new Reason("AgentRefused", "site " + site + ": " + String.join("; ", refusedAgents));
    }

    /** Whether nothing speaks against a move but that agents are away. One that was started again is back in seconds. */
    static boolean onlyAgentsAway(List<Reason> reasons) {
        return AGENT_AWAY.containsAll(reasons.stream().map(Reason::code).toList());
    }

    /** Reasons against one node as the destination of what runs on another. */
    static List<Reason> check(Agent source, Agent destination, long memoryBytes, long filesBytes) {
        List<Reason> reasons = new ArrayList<>();
        String node = "node " + destination.node() + " of site " + destination.site();
        Facts from = source.facts();
        Facts to = destination.facts();
        need(reasons, "CriuAbsent", node, "CRIU", to.getCriu());
        need(reasons, "RuncAbsent", node, "runc", to.getRunc());
        need(reasons, "WrapperAbsent", node, "carovana-runc", to.getWrapper());
        if (!from.getArchitecture().equals(to.getArchitecture())) {
            reasons.add(new Reason(
                    "Architecture", node + " is " + to.getArchitecture() + ", expected " + from.getArchitecture()));
        }
        Set<String> missing = new HashSet<>(from.getCpuFlagsList());
        missing.removeAll(new HashSet<>(to.getCpuFlagsList()));
        if (!missing.isEmpty()) {
            reasons.add(new Reason(
                    "CpuFlags",
                    node + ": its CPU lacks " + String.join(" ", missing)
                            + ", which the function may have begun to use"));
        }
        long images = memoryBytes + filesBytes;
        if (to.getTmpfsAvailableBytes() < images) {
            reasons.add(new Reason(
                    "TmpfsFull",
                    node + ": " + mebibytes(to.getTmpfsAvailableBytes())
                            + " free on the tmpfs of /run/carovana, expected " + mebibytes(images)));
        }
        if (to.getMemoryAvailableBytes() < images + memoryBytes) {
            reasons.add(new Reason(
                    "MemoryShort",
                    node + ": " + mebibytes(to.getMemoryAvailableBytes()) + " of memory available, expected "
                            + mebibytes(images + memoryBytes)));
        }
        return reasons;
    }

    private static void checkLimit(List<Reason> reasons, String site, String field, @Nullable Integer limit, int used) {
        if (limit != null && used >= limit) {
            reasons.add(new Reason(
                    "SiteLimit",
                    "site " + site + ": spec.limits." + field + " is " + limit + " and " + used + " are there"));
        }
    }

    private static void need(List<Reason> reasons, String code, String node, String what, String version) {
        if (version.isEmpty()) {
            reasons.add(new Reason(code, node + ": " + what + " is not installed"));
        }
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
