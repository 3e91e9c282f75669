// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

/** A place on the Earth, in degrees. */
public record Location(double latitude, double longitude) {
    private static final double EARTH_RADIUS_KM = 6371;

    /** The length of the great circle between the two, in kilometres. */
    double distanceTo(Location other) {
        double north = Math.toRadians(other.latitude - latitude);
        double east = Math.toRadians(other.longitude - longitude);
        double haversine = square(Math.sin(north / 2))
                + Math.cos(Math.toRadians(latitude))
                        * Math.cos(Math.toRadians(other.latitude))
                        * square(Math.sin(east / 2));
        // rounding may lift it above 1 for two opposite places
        return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, haversine)));
    }

    private static double square(double value) {
        return value * value;
    }
}
