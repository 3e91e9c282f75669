// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.function;

import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.controller.function.Function.Result;
import dev.carovana.controller.function.FunctionSource.Template;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds functions, of every kind that there is a {@link FunctionSource} for. */
@ApplicationScoped
public class Functions {
    private static final int HASH_BYTES = 8;

    private final KubernetesClient client;
    private final List<FunctionSource<?>> sources;

    Functions(KubernetesClient client, @Any Instance<FunctionSource<?>> sources) {
        this.client = client;
        this.sources = sources.stream().collect(Collectors.toUnmodifiableList());
    }

    /** The function, or why there is none. */
    public Result find(String namespace, FunctionRef function) {
        Optional<FunctionSource<?>> known = source(function);
        if (known.isPresent()) {
            return find(known.get(), namespace, function);
        }
        String kinds = sources.stream()
                .map(s -> HasMetadata.getApiVersion(s.type()) + " " + HasMetadata.getKind(s.type()))
                .sorted()
                .collect(Collectors.joining(", "));
        return refused(
                "FunctionKind",
                "spec.function is a " + function.apiVersion() + " " + function.kind() + ", expected one of " + kinds);
    }

    /**
     * A labelled object.
     *
     * @param created when it was made, RFC 3339
     * @param contract what its label and annotations say, or what is wrong with them
     */
    public record Labelled(String namespace, FunctionRef reference, String created, FunctionContract.Result contract) {}

    /** What speaks against a user namespace. */
    public static final String HOST_USERS =
            "spec.hostUsers is false, expected to be left out: Liqo does not pass it on to sites, where the pod would run "
                    + "without users of its own";

    /** All labelled objects, of the kinds that the hub has. */
    public List<Labelled> list(@Nullable String namespace) {
        return sources.stream()
                .filter(source -> client.supports(source.type()))
                .flatMap(source -> list(source, namespace))
                .toList();
    }

    private <T extends HasMetadata> Stream<Labelled> list(FunctionSource<T> source, @Nullable String namespace) {
        var all = namespace == null
                ? client.resources(source.type()).inAnyNamespace()
                : client.resources(source.type()).inNamespace(namespace);
        return labelled(source, selected(source, all));
    }

    private static <T extends HasMetadata> Stream<Labelled> labelled(
            FunctionSource<T> source, FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>> which) {
        return which.list().getItems().stream()
                .filter(source::isFunction)
                .map(object -> new Labelled(
                        object.getMetadata().getNamespace(),
                        reference(source.type(), object.getMetadata().getName()),
                        object.getMetadata().getCreationTimestamp(),
                        source.contract(object)));
    }

    /** One object, if it is there and has the label. */
    public Optional<Labelled> labelled(String namespace, FunctionRef function) {
        return source(function)
                .filter(source -> client.supports(source.type()))
                .flatMap(source -> labelled(source, namespace, function.name()));
    }

    private <T extends HasMetadata> Optional<Labelled> labelled(
            FunctionSource<T> source, String namespace, String name) {
        var named = client.resources(source.type()).inNamespace(namespace).withField("metadata.name", name);
        return labelled(source, selected(source, named)).findFirst();
    }

    /** Port at which the copies of a function take calls, if that is not one of its template's. */
    public Optional<Integer> copyPort(FunctionRef function) {
        return source(function).flatMap(FunctionSource::copyPort);
    }

    Optional<FunctionSource<?>> source(FunctionRef function) {
        return sources.stream()
                .filter(source -> reference(source.type(), function.name()).equals(function))
                .findFirst();
    }

    /** Those of a kind's objects that may be functions. */
    static <T extends HasMetadata> FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>> selected(
            FunctionSource<T> source, FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>> all) {
        String selector = source.labelSelector();
        return selector == null ? all : all.withLabelSelector(selector);
    }

    List<FunctionSource<?>> sources() {
        return sources;
    }

    /** How instances refer to an object. */
    public static FunctionRef reference(Class<? extends HasMetadata> type, String name) {
        return new FunctionRef(HasMetadata.getApiVersion(type), HasMetadata.getKind(type), name);
    }

    private <T extends HasMetadata> Result find(FunctionSource<T> source, String namespace, FunctionRef function) {
        T object = client.resources(source.type())
                .inNamespace(namespace)
                .withName(function.name())
                .get();
        return object == null
                ? refused(
                        "FunctionNotFound",
                        client.supports(source.type())
                                ? "spec.function.name '" + function.name() + "': there is no such " + function.kind()
                                        + " in " + namespace
                                : "spec.function is a " + function.apiVersion() + " " + function.kind()
                                        + ": the hub has no such kind")
                : read(source, object, function);
    }

    /** What an object says of itself. */
    <T extends HasMetadata> Result read(FunctionSource<T> source, T object, FunctionRef function) {
        String name = function.kind() + " " + function.name();
        return switch (source.contract(object)) {
            case FunctionContract.Result.Invalid(var reasons) ->
                refused(
                        "FunctionContract",
                        name + ": " + reasons.stream().map(Reason::message).collect(Collectors.joining("; ")));
            case FunctionContract.Result.Valid(var contract) ->
                switch (source.template(object)) {
                    case Template.Refused(var reason) -> new Result.Refused(reason);
                    case Template.Found(var template)
                    when Boolean.FALSE.equals(template.getSpec().getHostUsers()) ->
                        refused("HostUsers", name + ": " + HOST_USERS);
                    case Template.Found(var template) ->
                        new Result.Found(new Function(
                                template,
                                hash(template),
                                contract,
                                new OwnerReferenceBuilder()
                                        .withApiVersion(function.apiVersion())
                                        .withKind(function.kind())
                                        .withName(function.name())
                                        .withUid(object.getMetadata().getUid())
                                        .build()));
                };
        };
    }

    private String hash(PodTemplateSpec template) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(client.getKubernetesSerialization().asJson(template).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    private static Result refused(String code, String message) {
        return new Result.Refused(new Reason(code, message));
    }
}
