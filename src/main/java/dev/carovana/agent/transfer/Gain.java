// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

/**
 * Whether compressing pays on a connection: on a fast network it takes longer than what it saves, and the pod is frozen
 * meanwhile. Measures both all the time, so that a network that fills up, or a bandwidth limit, turns it on. Thread-safe.
 */
final class Gain {
    /** How much a new measurement counts. */
    private static final double WEIGHT = 0.25;
    /** Of fewer bytes the time says nothing. */
    private static final int ENOUGH = 16 << 10;

    // what zstd does at its fastest, until it is known better
    private double nanosPerCompressedByte = 2.5;
    private double saved = 0.5;
    private double nanosPerSentByte;

    synchronized boolean isWorthIt() {
        return nanosPerSentByte * saved > nanosPerCompressedByte;
    }

    /** @param nanos it took to make {@code before} bytes as few as {@code after} */
    synchronized void compressed(int before, long nanos, long after) {
        nanosPerCompressedByte += WEIGHT * ((double) nanos / before - nanosPerCompressedByte);
        saved += WEIGHT * (1 - (double) after / before - saved);
    }

    /** @param nanos it took to send so many bytes, whoever was waited for */
    synchronized void sent(int bytes, long nanos) {
        if (bytes < ENOUGH) {
            return;
        }
        nanosPerSentByte += WEIGHT * ((double) nanos / bytes - nanosPerSentByte);
    }
}
