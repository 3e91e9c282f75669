// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

/**
 * How often a reconciler that fails is tried again: until it succeeds, since nothing else would wake it. Java Operator SDK's
 * default gives up after six times, 18 s, and looks again after ten hours; an API server may be away for longer.
 */
public final class Retries {
    /** How many times, in {@code GradualRetry}'s words. */
    public static final int ALWAYS = -1;

    public static final long FIRST_MILLIS = 500;
    public static final long LAST_MILLIS = 10_000;

    private Retries() {}
}
