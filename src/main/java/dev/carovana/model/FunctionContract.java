// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a function's developer says on its object, in a label and annotations.
 *
 * @param state where the function keeps its users' state
 * @param userFrom which part of a call names the user
 * @param idleTimeout an instance without calls for so long is not needed; null for ever
 * @param maxFreeze a longer expected freeze is refused; null for no limit
 * @param onFailure what becomes of an instance whose move fails
 * @param maxInstances most instances of the function at once; null for no limit
 * @param restartedAt a text that is changed to have running instances started anew from the current template, as {@code
 *     kubectl rollout restart} does; empty if it was never asked
 * @param volumes which persistent volumes are sent with an instance
 * @param calls how gateways pass calls on to it
 */
public record FunctionContract(
        State state,
        UserFrom userFrom,
        @Nullable Duration idleTimeout,
        @Nullable Duration maxFreeze,
        OnFailure onFailure,
        @Nullable Integer maxInstances,
        String restartedAt,
        VolumeContract volumes,
        CallContract calls) {

    public static final String STATE = "carovana.dev/state";
    public static final String USER_FROM = "carovana.dev/user-from";
    public static final String IDLE_TIMEOUT = "carovana.dev/idle-timeout";
    public static final String MAX_FREEZE = "carovana.dev/max-freeze";
    public static final String ON_FAILURE = "carovana.dev/on-failure";
    public static final String MAX_INSTANCES = "carovana.dev/max-instances";
    public static final String RESTARTED_AT = "carovana.dev/restarted-at";

    private static final UserFrom DEFAULT_USER = new UserFrom(UserFrom.Part.HEADER, "X-Carovana-User");
    private static final Pattern COUNT = Pattern.compile("[1-9]\\d{0,8}");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");

    /** Where the state of a function's users is. */
    public enum State {
        LOCAL,
        REMOTE
    }

    /** What becomes of an instance whose move fails. */
    public enum OnFailure {
        /** It runs on where it is. */
        KEEP("keep"),
        /** It starts anew where it is wanted; its state is lost. */
        COLD_START("cold-start");

        private final String text;

        OnFailure(String text) {
            this.text = text;
        }

        /** As the annotation has it. */
        public String text() {
            return text;
        }
    }

    /** The part of a call, and its name, that tells the user. */
    public record UserFrom(Part part, String name) {
        public enum Part {
            HEADER,
            COOKIE,
            JWT
        }
    }

    /** A contract, or everything that is wrong with it. */
    public sealed interface Result {
        record Valid(FunctionContract contract) implements Result {}

        record Invalid(List<Reason> reasons) implements Result {}
    }

    /** Reads the contract from an object's labels and annotations; keys that are not ours are not looked at. */
    public static Result parse(Map<String, String> labels, Map<String, String> annotations) {
        List<Reason> wrong = new ArrayList<>();
        State state = read(wrong, "label", STATE, labels, FunctionContract::state, "'local' or 'remote'");
        UserFrom user = read(
                wrong,
                "annotation",
                USER_FROM,
                annotations,
                FunctionContract::userFrom,
                "'header:NAME', 'cookie:NAME' or 'jwt:CLAIM'");
        Duration idle =
                read(wrong, "annotation", IDLE_TIMEOUT, annotations, Durations::parse, "a duration such as 10m");
        Duration freeze =
                read(wrong, "annotation", MAX_FREEZE, annotations, Durations::parse, "a duration such as 500ms or 2s");
        OnFailure failure = read(
                wrong, "annotation", ON_FAILURE, annotations, FunctionContract::onFailure, "'keep' or 'cold-start'");
        Integer most = read(
                wrong, "annotation", MAX_INSTANCES, annotations, FunctionContract::count, "a whole number from 1 on");
        VolumeContract volumes = volumes(wrong, annotations);
        CallContract calls = calls(wrong, annotations);
        if (state == null && wrong.isEmpty()) {
            wrong.add(new Reason("FunctionContract", "label " + STATE + " is missing, expected 'local' or 'remote'"));
        }
        return state == null || !wrong.isEmpty()
                ? new Result.Invalid(List.copyOf(wrong))
                : new Result.Valid(new FunctionContract(
                        state,
                        user == null ? DEFAULT_USER : user,
                        idle,
                        freeze,
                        failure == null ? OnFailure.KEEP : failure,
                        most,
                        annotations.getOrDefault(RESTARTED_AT, ""),
                        volumes,
                        calls));
    }

    private static VolumeContract volumes(List<Reason> wrong, Map<String, String> annotations) {
        List<String> sent = read(
                wrong,
                "annotation",
                VolumeContract.SEND,
                annotations,
                VolumeContract::names,
                "names of volumes with commas between them");
        Long most = read(
                wrong,
                "annotation",
                VolumeContract.SEND_LIMIT,
                annotations,
                VolumeContract::bytes,
                "a size such as 512Mi or 2Gi");
        return new VolumeContract(sent == null ? List.of() : sent, most == null ? VolumeContract.DEFAULT_LIMIT : most);
    }

    private static CallContract calls(List<Reason> wrong, Map<String, String> annotations) {
        Integer port = read(
                wrong,
                "annotation",
                CallContract.PORT,
                annotations,
                CallContract::port,
                "a port number from 1 to 65535");
        List<String> hosts = read(
                wrong,
                "annotation",
                CallContract.HOSTS,
                annotations,
                CallContract::hosts,
                "DNS names with commas between them");
        CallContract.Streams streams = read(
                wrong, "annotation", CallContract.STREAMS, annotations, CallContract::streams, "'close' or 'wait'");
        CallContract.Retry retry = read(
                wrong,
                "annotation",
                CallContract.RETRY,
                annotations,
                CallContract::retry,
                "'idempotent', 'never' or 'always'");
        Duration timeout = read(
                wrong,
                "annotation",
                CallContract.TIMEOUT,
                annotations,
                CallContract::timeout,
                "a duration such as 30s");
        return new CallContract(
                port,
                hosts == null ? List.of() : hosts,
                streams == null ? CallContract.Streams.CLOSE : streams,
                retry == null ? CallContract.Retry.IDEMPOTENT : retry,
                timeout);
    }

    /** The value of a key, null if it is absent or wrong; what is wrong goes into {@code wrong}. */
    private static <T> @Nullable T read(
            List<Reason> wrong,
            String kind,
            String key,
            Map<String, String> values,
            Function<String, Optional<T>> parser,
            String expected) {
        String text = values.get(key);
        if (text == null) {
            return null;
        }
        Optional<T> value = parser.apply(text);
        if (value.isEmpty()) {
            wrong.add(new Reason("FunctionContract", kind + " " + key + " is '" + text + "', expected " + expected));
        }
        return value.orElse(null);
    }

    private static Optional<State> state(String text) {
        return switch (text) {
            case "local" -> Optional.of(State.LOCAL);
            case "remote" -> Optional.of(State.REMOTE);
            default -> Optional.empty();
        };
    }

    private static Optional<OnFailure> onFailure(String text) {
        return Arrays.stream(OnFailure.values())
                .filter(value -> value.text().equals(text))
                .findFirst();
    }

    private static Optional<Integer> count(String text) {
        return COUNT.matcher(text).matches() ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    }

    private static Optional<UserFrom> userFrom(String text) {
        int colon = text.indexOf(':');
        String name = text.substring(colon + 1);
        if (colon < 0 || !TOKEN.matcher(name).matches()) {
            return Optional.empty();
        }
        return switch (text.substring(0, colon)) {
            case "header" -> Optional.of(new UserFrom(UserFrom.Part.HEADER, name));
            case "cookie" -> Optional.of(new UserFrom(UserFrom.Part.COOKIE, name));
            case "jwt" -> Optional.of(new UserFrom(UserFrom.Part.JWT, name));
            default -> Optional.empty();
        };
    }
}
