// SPDX-License-Identifier: Apache-2.0
package dev.carovana.samples.readings;

import dev.carovana.samples.readings.Window.Statistics;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** One user's readings. They are in this process' memory and nowhere else. */
@Singleton
final class Readings {
    static final int WINDOW = 1000;
    static final int MOST_SENSORS = 100;
    static final long LARGEST = 1_000_000_000;
    private static final Pattern SENSOR = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final Map<String, Window> sensors = new TreeMap<>();
    private Chain chain = Chain.START;

    /**
     * What there is.
     *
     * @param sensors by name, each over its latest {@value #WINDOW} values
     */
    record State(Chain chain, Map<String, Statistics> sensors) {}

    synchronized State add(String sensor, long value) {
        validate(sensor, value);
        sensors.computeIfAbsent(sensor, s -> new Window(WINDOW)).add(value);
        chain = chain.next(sensor, value);
        return state();
    }

    synchronized State state() {
        Map<String, Statistics> statistics = new TreeMap<>();
        sensors.forEach((sensor, window) -> statistics.put(sensor, window.statistics()));
        return new State(chain, statistics);
    }

    private void validate(String sensor, long value) {
        if (!SENSOR.matcher(sensor).matches()) {
            throw new InvalidReading("sensor must be 1 to 64 letters, digits, '.', '_' or '-', not '" + sensor + "'");
        }
        if (value < -LARGEST || value > LARGEST) {
            throw new InvalidReading("value must be from " + -LARGEST + " to " + LARGEST + ", not " + value);
        }
        if (sensors.size() == MOST_SENSORS && !sensors.containsKey(sensor)) {
            throw new InvalidReading("sensor must be one of the " + MOST_SENSORS + " that there are, not '" + sensor
                    + "': there may be no more");
        }
    }
}
