// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is true of a site.
 *
 * @param observedGeneration generation of the spec that this status answers
 * @param instances how many instances run there
 * @param agents the agents that are connected
 * @param conditions {@code Ready} is true when at least one compatible agent is connected and the site's node is Ready
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SiteStatus(
        @Nullable Long observedGeneration,
        @Nullable Integer instances,
        @Nullable List<Agent> agents,
        @Nullable List<Condition> conditions) {

    /**
     * @param node the node's name in its own cluster
     * @param version Carovana's version of the agent
     * @param address where other agents reach it, {@code host:port}
     * @param criu CRIU's version on the node
     * @param runc runc's version on the node
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Agent(
            String node,
            @Nullable String version,
            @Nullable String address,
            @Nullable String criu,
            @Nullable String runc) {}
}
