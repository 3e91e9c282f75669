// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a function's developer says of the calls that gateways pass on to it.
 *
 * @param port where the function listens; null for the first port of its template
 * @param hosts names by which users may call it, beside its path
 * @param streams what becomes of streams that are open when the instance is to move
 * @param retry which calls may be made again when they broke while they were under way
 * @param timeout until the head of the answer; null for the gateway's own limit
 */
public record CallContract(
        @Nullable Integer port, List<String> hosts, Streams streams, Retry retry, @Nullable Duration timeout) {

    public static final String PORT = "carovana.dev/port";
    public static final String HOSTS = "carovana.dev/hosts";
    public static final String STREAMS = "carovana.dev/streams";
    public static final String RETRY = "carovana.dev/retry";
    public static final String TIMEOUT = "carovana.dev/timeout";

    /** Of a function whose developer says nothing about it. */
    public static final CallContract DEFAULT = new CallContract(null, List.of(), Streams.CLOSE, Retry.IDEMPOTENT, null);

    private static final int MAX_PORT = 65_535;
    private static final int MAX_NAME = 253;
    private static final Pattern PORT_NUMBER = Pattern.compile("[1-9]\\d{0,4}");
    private static final Pattern DNS_NAME =
            Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    /** What becomes of WebSockets, server-sent events and other answers without an end. */
    public enum Streams {
        /** They are closed: clients of streams connect again. */
        CLOSE,
        /** The move waits for their end. */
        WAIT
    }

    /** Which calls may be made twice. */
    public enum Retry {
        /** Those whose method says so: GET, HEAD, OPTIONS, TRACE, PUT, DELETE. */
        IDEMPOTENT,
        NEVER,
        ALWAYS
    }

    static Optional<Integer> port(String text) {
        return Optional.of(text)
                .filter(t -> PORT_NUMBER.matcher(t).matches())
                .map(Integer::valueOf)
                .filter(port -> port <= MAX_PORT);
    }

    static Optional<List<String>> hosts(String text) {
        List<String> names = Stream.of(text.split(",", -1))
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
        boolean valid = names.stream()
                .allMatch(name ->
                        name.length() <= MAX_NAME && DNS_NAME.matcher(name).matches());
        return valid ? Optional.of(names) : Optional.empty();
    }

    static Optional<Streams> streams(String text) {
        return switch (text) {
            case "close" -> Optional.of(Streams.CLOSE);
            case "wait" -> Optional.of(Streams.WAIT);
            default -> Optional.empty();
        };
    }

    static Optional<Retry> retry(String text) {
        return switch (text) {
            case "idempotent" -> Optional.of(Retry.IDEMPOTENT);
            case "never" -> Optional.of(Retry.NEVER);
            case "always" -> Optional.of(Retry.ALWAYS);
            default -> Optional.empty();
        };
    }

    static Optional<Duration> timeout(String text) {
        return Durations.parse(text).filter(Duration::isPositive);
    }
}
