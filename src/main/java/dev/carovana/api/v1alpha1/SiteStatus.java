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
 * @param gateways how many gateways are connected
 * @param drain how far the drain has come that {@code spec.drain} asks for
 * @param conditions {@code Ready} is true when at least one compatible agent is connected and the site's node is Ready;
 *     {@code Drained}, which is there while {@code spec.drain} is, when no instance is left
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SiteStatus(
        @Nullable Long observedGeneration,
        @Nullable Integer instances,
        @Nullable List<Agent> agents,
        @Nullable Integer gateways,
        @Nullable Drain drain,
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

    /**
     * @param startedAt when it was begun, RFC 3339
     * @param total instances that were at the site since then
     * @param moved those that have left
     * @param remaining those that have not
     * @param failed those of them whose last move failed, or that cannot move; at most 50
     */
    public record Drain(String startedAt, int total, int moved, int remaining, List<DrainFailure> failed) {}

    /**
     * @param namespace the instance's namespace
     * @param instance its name
     * @param reason one word (CamelCase)
     * @param message the same for people
     */
    public record DrainFailure(String namespace, String instance, String reason, String message) {}
}
