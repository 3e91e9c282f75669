// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.copy;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.function.Function;
import io.fabric8.kubernetes.api.model.Service;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The copies of remote-state functions: one for a function at a site. */
@ApplicationScoped
public class Copies {
    private final Instance<CopyKind> kinds;
    private final DeploymentCopies deployments;

    Copies(@Any Instance<CopyKind> kinds, DeploymentCopies deployments) {
        this.kinds = kinds;
        this.deployments = deployments;
    }

    /**
     * A copy.
     *
     * @param name of its Service, and of what else it consists of
     * @param ready whether a pod of it takes calls
     * @param address its name in the DNS of every cluster
     */
    public record Copy(String name, boolean ready, String address) {}

    /** Name of the copy that serves, or would serve, an instance where it should be. */
    private static String wanted(FunctionInstance instance) {
        return CopyObjects.name(
                instance.getSpec().function(), instance.getSpec().site());
    }

    /** The copies that an instance needs: the one that serves it, and the one that is going to; none if it has a pod. */
    public static Stream<String> neededBy(FunctionInstance instance) {
        String serving =
                instance.getStatus() == null ? null : instance.getStatus().copy();
        return serving == null ? Stream.empty() : Stream.of(serving, wanted(instance));
    }

    /**
     * The copy for an instance where it should be; made if it is not there, and kept at the function's template.
     *
     * @param site of the instance's wish
     */
    public Copy ensure(FunctionInstance instance, Function function, Site site) {
        String name = wanted(instance);
        boolean ready = kind(k -> k.serves(instance)).ensure(name, instance, function, site);
        return new Copy(name, ready, name + "." + instance.getMetadata().getNamespace() + ".svc");
    }

    /** Removes a copy. */
    void end(Service copy) {
        kind(k -> k.made(copy)).end(copy);
    }

    private CopyKind kind(Predicate<CopyKind> is) {
        return kinds.stream().filter(is).findAny().orElse(deployments);
    }
}
