// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

/** Which of the sites that could take an instance gets it. */
public enum PlacementPolicy {
    /** The one nearest to the site that the instance leaves. */
    Nearest,
    /** The one with the fewest instances for its size. */
    LeastLoaded
}
