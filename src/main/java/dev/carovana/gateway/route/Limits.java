// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import java.time.Duration;

/**
 * What the gates keep to.
 *
 * @param site of this gateway
 * @param holdTimeout how long a call waits for the end of a hold
 * @param startTimeout how long a call waits for an instance
 * @param drainPatience how long new calls still pass when a hold begins while others are under way
 * @param holdCalls how many calls of one user of one function may wait
 * @param userCalls how many calls of one user of one function there may be, waiting or under way
 */
public record Limits(
        String site,
        Duration holdTimeout,
        Duration startTimeout,
        Duration drainPatience,
        int holdCalls,
        int userCalls) {}
