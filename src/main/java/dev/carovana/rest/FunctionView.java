// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.controller.function.Functions.Labelled;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A function as REST clients see it.
 *
 * @param state {@code local} or {@code remote}; absent if the label is wrong
 * @param accepted whether label and annotations are right
 * @param message what is wrong with them
 * @param idleTimeout as in ISO 8601, such as {@code PT10M}; so is {@code maxFreeze}
 * @param onFailure {@code keep} or {@code cold-start}
 * @param instances how many there are
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FunctionView(
        String namespace,
        String apiVersion,
        String kind,
        String name,
        @Nullable String state,
        boolean accepted,
        @Nullable String message,
        @Nullable Integer maxInstances,
        @Nullable String idleTimeout,
        @Nullable String maxFreeze,
        @Nullable String onFailure,
        long instances) {

    static FunctionView of(Labelled function, List<FunctionInstance> all) {
        long instances = all.stream()
                .filter(i -> i.getMetadata().getNamespace().equals(function.namespace()))
                .filter(i -> i.getSpec().function().equals(function.reference()))
                .count();
        return switch (function.contract()) {
            case FunctionContract.Result.Valid(var contract) ->
                new FunctionView(
                        function.namespace(),
                        function.reference().apiVersion(),
                        function.reference().kind(),
                        function.reference().name(),
                        contract.state().name().toLowerCase(Locale.ROOT),
                        true,
                        null,
                        contract.maxInstances(),
                        text(contract.idleTimeout()),
                        text(contract.maxFreeze()),
                        contract.onFailure().text(),
                        instances);
            case FunctionContract.Result.Invalid(var reasons) ->
                new FunctionView(
                        function.namespace(),
                        function.reference().apiVersion(),
                        function.reference().kind(),
                        function.reference().name(),
                        null,
                        false,
                        reasons.stream().map(Reason::message).collect(Collectors.joining("; ")),
                        null,
                        null,
                        null,
                        null,
                        instances);
        };
    }

    private static @Nullable String text(@Nullable Duration duration) {
        return duration == null ? null : duration.toString();
    }
}
