// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.model.PlacementPolicy;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;

/**
 * How a site is drained.
 *
 * @param policy where the instances go; to the nearest site if absent
 * @param maxConcurrent most instances on their way at once; 2 if absent
 */
public record NewDrain(@Nullable PlacementPolicy policy, @Nullable @Min(1) Integer maxConcurrent) {}
