// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.model.FunctionContract.OnFailure;
import dev.carovana.model.FunctionContract.Result;
import dev.carovana.model.FunctionContract.State;
import dev.carovana.model.FunctionContract.UserFrom;
import dev.carovana.model.FunctionContract.UserFrom.Part;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FunctionContractTest {
    private static final Map<String, String> LOCAL = Map.of(FunctionContract.STATE, "local");

    @Test
    void whatIsNotSaidHasADefault() {
        assertThat(FunctionContract.parse(LOCAL, Map.of("kubectl.kubernetes.io/whatever", "x")))
                .isEqualTo(new Result.Valid(new FunctionContract(
                        State.LOCAL,
                        new UserFrom(Part.HEADER, "X-Carovana-User"),
                        null,
                        null,
                        OnFailure.KEEP,
                        null,
                        "",
                        VolumeContract.NONE,
                        CallContract.DEFAULT)));
    }

    @Test
    void readsAllOfIt() {
        Result result = FunctionContract.parse(
                Map.of(FunctionContract.STATE, "remote"),
                Map.ofEntries(
                        Map.entry(FunctionContract.USER_FROM, "jwt:sub"),
                        Map.entry(FunctionContract.IDLE_TIMEOUT, "10m"),
                        Map.entry(FunctionContract.MAX_FREEZE, "500ms"),
                        Map.entry(FunctionContract.ON_FAILURE, "cold-start"),
                        Map.entry(FunctionContract.MAX_INSTANCES, "100"),
                        Map.entry(FunctionContract.RESTARTED_AT, "2026-11-24T10:00:00Z"),
                        Map.entry(VolumeContract.SEND, "data, logs"),
                        Map.entry(VolumeContract.SEND_LIMIT, "512Mi"),
                        Map.entry(CallContract.PORT, "8081"),
                        Map.entry(CallContract.HOSTS, "cart.example.org, Shop.example.org"),
                        Map.entry(CallContract.STREAMS, "wait"),
                        Map.entry(CallContract.RETRY, "always"),
                        Map.entry(CallContract.TIMEOUT, "90s")));

        assertThat(result)
                .isEqualTo(new Result.Valid(new FunctionContract(
                        State.REMOTE,
                        new UserFrom(Part.JWT, "sub"),
                        Duration.ofMinutes(10),
                        Duration.ofMillis(500),
                        OnFailure.COLD_START,
                        100,
                        "2026-11-24T10:00:00Z",
                        new VolumeContract(List.of("data", "logs"), 512L << 20),
                        new CallContract(
                                8081,
                                List.of("cart.example.org", "shop.example.org"),
                                CallContract.Streams.WAIT,
                                CallContract.Retry.ALWAYS,
                                Duration.ofSeconds(90)))));
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource({
        "carovana.dev/send-volumes, 'data,'",
        "carovana.dev/send-volumes, Data",
        "carovana.dev/send-volumes-limit, 1G",
        "carovana.dev/send-volumes-limit, 0Mi",
        "carovana.dev/user-from, header",
        "carovana.dev/user-from, header:",
        "carovana.dev/user-from, header:X User",
        "carovana.dev/user-from, body:user",
        "carovana.dev/user-from, ''",
        "carovana.dev/idle-timeout, 10",
        "carovana.dev/idle-timeout, -1s",
        "carovana.dev/idle-timeout, 99999999999999s",
        "carovana.dev/max-freeze, soon",
        "carovana.dev/max-freeze, 1 s",
        "carovana.dev/on-failure, Keep",
        "carovana.dev/max-instances, 0",
        "carovana.dev/max-instances, many",
        "carovana.dev/port, 0",
        "carovana.dev/port, 65536",
        "carovana.dev/port, http",
        "carovana.dev/hosts, ''",
        "carovana.dev/hosts, 'a.example,'",
        "carovana.dev/hosts, a_b.example",
        "carovana.dev/hosts, http://a.example",
        "carovana.dev/streams, keep",
        "carovana.dev/retry, sometimes",
        "carovana.dev/timeout, 0s",
        "carovana.dev/timeout, long",
    })
    void aWrongAnnotationIsNamedWithItsValue(String key, String value) {
        assertThat(FunctionContract.parse(LOCAL, Map.of(key, value)))
                .isInstanceOfSatisfying(Result.Invalid.class, wrong -> assertThat(wrong.reasons())
                        .singleElement()
                        .satisfies(reason -> assertThat(reason.message())
                                .startsWith("annotation " + key + " is '" + value + "', expected ")));
    }

    @Test
    void tellsEverythingThatIsWrong() {
        Result result = FunctionContract.parse(
                Map.of(FunctionContract.STATE, "Local"), Map.of(FunctionContract.MAX_FREEZE, "x"));

        assertThat(result).isInstanceOfSatisfying(Result.Invalid.class, wrong -> assertThat(wrong.reasons())
                .extracting(Reason::message)
                .containsExactly(
                        "label carovana.dev/state is 'Local', expected 'local' or 'remote'",
                        "annotation carovana.dev/max-freeze is 'x', expected a duration such as 500ms or 2s"));
    }

    @Test
    void theLabelIsNeeded() {
        assertThat(FunctionContract.parse(Map.of(), Map.of()))
                .isInstanceOfSatisfying(Result.Invalid.class, wrong -> assertThat(wrong.reasons())
                        .extracting(Reason::message)
                        .containsExactly("label carovana.dev/state is missing, expected 'local' or 'remote'"));
    }
}
