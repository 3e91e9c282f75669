// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One kind of object that can be a function: how its contract and its pod template are read. Thread-safe.
 *
 * @param <T> the object
 */
public interface FunctionSource<T extends HasMetadata> {
    /** What an object says of the pods that run it. */
    sealed interface Template {
        record Found(PodTemplateSpec template) implements Template {}

        record Refused(Reason reason) implements Template {}
    }

    /** The object's class; its {@code apiVersion} and kind are those that instances refer to. */
    Class<T> type();

    /** Whether a hub may be without this kind: then it is a CustomResourceDefinition that may come and go. */
    default boolean optional() {
        return true;
    }

    /** Selects the objects that may be functions; null for all. */
    default @Nullable String labelSelector() {
        return FunctionContract.STATE;
    }

    /** Whether an object that the selector lets through has the label. */
    default boolean isFunction(T object) {
        return true;
    }

    /** What the object's own label and annotations say; not those of its pod template. */
    default FunctionContract.Result contract(T object) {
        return FunctionContract.parse(
                Objects.requireNonNullElse(object.getMetadata().getLabels(), Map.of()),
                Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of()));
    }

    /** The pod template; may ask the API server for other objects. */
    Template template(T object);

    /** Port at which copies of a remote-state function take calls, if that is not one of the template's. */
    default Optional<Integer> copyPort() {
        return Optional.empty();
    }

    /** Differs between two states of an object if its template may; what the contract reads is looked at anyway. */
    default String templateVersion(T object) {
        return String.valueOf(object.getMetadata().getGeneration());
    }
}
