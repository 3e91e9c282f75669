// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

/** How caches are filled. */
public final class Pages {
    /**
     * Most objects that are listed at once: thousands of whole pods, as text and as objects, do not fit into the
     * controller's memory.
     */
    public static final long OBJECTS = 200;

    private Pages() {}
}
