// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import dev.carovana.model.MobilityEvent.Origin;
import java.math.BigInteger;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The last event that an instance has learned from: what comes later may be the same again, or older.
 *
 * @param key source and id
 * @param sequence null if it had none
 * @param time null if it had none
 */
public record LastEvent(String key, @Nullable String sequence, @Nullable Instant time) {

    /** The event has been acted upon before. */
    public static Reason duplicate(Origin origin) {
        return new Reason(
                "Duplicate", "event '" + origin.id() + "' of source '" + origin.source() + "' was here before");
    }

    /** Why an event has nothing to tell to the instance; null if it has. */
    @Nullable
    Reason against(Origin origin, String instance) {
        if (key.equals(origin.key())) {
            return duplicate(origin);
        }
        // the numbers and clocks of two sources have nothing to do with each other
        if (!key.startsWith(origin.source() + " ")) {
            return null;
        }
        String last = ", the last of instance '" + instance + "'";
        if (origin.sequence() != null && sequence != null) {
            return compare(origin.sequence(), sequence) > 0
                    ? null
                    : new Reason("StaleSequence", "sequence " + origin.sequence() + " is not after " + sequence + last);
        }
        // the same time is not older: many clocks count seconds only
        return origin.time() != null && time != null && origin.time().isBefore(time)
                ? new Reason("StaleTime", "time " + origin.time() + " is before " + time + last)
                : null;
    }

    /** Numbers by value, because not every sender pads them; all else as the CloudEvents extension says: as text. */
    private static int compare(String one, String other) {
        if (isNumber(one) && isNumber(other)) {
            return new BigInteger(one).compareTo(new BigInteger(other));
        }
        return one.compareTo(other);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
