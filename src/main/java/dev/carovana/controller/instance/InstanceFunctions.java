// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.copy.Copies;
import dev.carovana.controller.copy.Copies.Copy;
import dev.carovana.controller.function.Function;
import dev.carovana.controller.function.Function.Result;
import dev.carovana.controller.function.FunctionWatch;
import dev.carovana.controller.function.Functions;
import dev.carovana.model.FunctionContract;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What ties an instance to its function: it is removed with it, and its pod is compared with the template. */
@ApplicationScoped
class InstanceFunctions {
    private final KubernetesClient client;
    private final Functions functions;
    private final FunctionWatch watch;
    private final InstanceLimits limits;
    private final Copies copies;

    InstanceFunctions(
            KubernetesClient client, Functions functions, FunctionWatch watch, InstanceLimits limits, Copies copies) {
        this.client = client;
        this.functions = functions;
        this.watch = watch;
        this.limits = limits;
        this.copies = copies;
    }

    /** As it was seen last: a change of it has its instances looked at again. */
    Optional<Function> of(FunctionInstance instance) {
        return watch.find(
                                instance.getMetadata().getNamespace(),
                                instance.getSpec().function())
                        instanceof Result.Found(var function)
                ? Optional.of(function)
                : Optional.empty();
    }

    /**
     * The function that an instance is to be started from.
     *
     * @param isNew whether it never ran, and may be one too many
     */
    Result toStart(FunctionInstance instance, boolean isNew) {
        Result found = functions.find(
                instance.getMetadata().getNamespace(), instance.getSpec().function());
        return isNew && found instanceof Result.Found(var function)
                ? limits.against(instance, function.contract())
                        .<Result>map(Result.Refused::new)
                        .orElse(found)
                : found;
    }

    /** Makes the function the instance's owner, so that Kubernetes removes the one with the other. */
    void own(FunctionInstance instance, Function function) {
        OwnerReference owner = function.owner();
        List<OwnerReference> owners = instance.getMetadata().getOwnerReferences();
        if (owners.contains(owner)) {
            return;
        }
        client.resources(FunctionInstance.class)
                .inNamespace(instance.getMetadata().getNamespace())
                .withName(instance.getMetadata().getName())
                .edit(found -> {
                    // a function that was made anew has another uid
                    found.getMetadata()
                            .getOwnerReferences()
                            .removeIf(o -> o.getKind().equals(owner.getKind())
                                    && o.getName().equals(owner.getName()));
                    found.getMetadata().getOwnerReferences().add(owner);
                    return found;
                });
    }

    /** The copy of a remote-state function at the site where the instance should be. */
    Copy copy(FunctionInstance instance, Function function, Site site) {
        own(instance, function);
        return copies.ensure(instance, function, site);
    }

    /** Whether the function's developer wants pods as old as this one to start anew. */
    static boolean isToRestart(Pod pod, Function function) {
        return isOwn(pod)
                && !Objects.equals(
                        pod.getMetadata().getAnnotations().get(FunctionContract.RESTARTED_AT),
                        function.contract().restartedAt());
    }

    /** Whether the pod was started from the template that the function has now. */
    static boolean isUpToDate(Pod pod, Function function) {
        return !isOwn(pod)
                || function.templateHash()
                        .equals(pod.getMetadata().getAnnotations().get(Carovana.TEMPLATE_ANNOTATION));
    }

    /** Pods of versions before these annotations say nothing about it. */
    private static boolean isOwn(Pod pod) {
        return Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.of())
                .containsKey(Carovana.TEMPLATE_ANNOTATION);
    }
}
