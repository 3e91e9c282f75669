// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of commands that begin something and can wait for its end. */
final class Waiting {
    private static final Duration PAUSE = Duration.ofMillis(200);

    @Option(names = "--wait", description = "Wait for the end, and say how it goes.")
    private boolean wanted;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = Seconds.class,
            description = "How long to wait, for example 90s or 5m; for ever if absent. It goes on after that.")
    private @Nullable Duration timeout;

    boolean isWanted() {
        return wanted;
    }

    /** Asks until the answer is yes; false if the time is up. */
    boolean until(BooleanSupplier done) {
        long begin = System.nanoTime();
        while (!done.getAsBoolean()) {
            if (timeout != null && System.nanoTime() - begin >= timeout.toNanos()) {
                return false;
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** A number with a unit. */
    static final class Seconds implements ITypeConverter<Duration> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,6})(ms|s|m|h)");

        @Override
        public Duration convert(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw new TypeConversionException("'" + text + "', expected a duration such as 90s or 5m");
            }
            long amount = Long.parseLong(form.group(1));
            return switch (form.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
            };
        }
    }
}
