// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.controller.ControllerConfig;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.InstanceNames;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes instances, one for each user and function. */
@ApplicationScoped
public class NewInstances {
    private final KubernetesClient client;
    private final InstanceLimits limits;
    private final ControllerConfig config;

    NewInstances(KubernetesClient client, InstanceLimits limits, ControllerConfig config) {
        this.client = client;
        this.limits = limits;
        this.config = config;
    }

    /** An instance that there should be. */
    public record Wanted(String namespace, FunctionRef function, String user, @Nullable List<String> userAliases) {}

    /** What became of it. */
    public sealed interface Result {
        record Created(FunctionInstance instance) implements Result {}

        /** The user has one already. */
        record Exists(String name) implements Result {}

        record Refused(Reason reason) implements Result {}
    }

    /**
     * What speaks against another instance; empty if nothing does.
     *
     * @param others instances of the namespace, or those of the user: one that somebody named by hand counts too
     */
    public Optional<Result> against(Wanted wanted, FunctionContract contract, Collection<FunctionInstance> others) {
        return others.stream()
                .filter(other -> other.getMetadata().getNamespace().equals(wanted.namespace())
                        && other.getSpec().user().equals(wanted.user())
                        && other.getSpec().function().equals(wanted.function()))
                .findFirst()
                .<Result>map(other -> new Result.Exists(other.getMetadata().getName()))
                .or(() -> limits.againstAnother(wanted.namespace(), wanted.function(), wanted.user(), contract)
                        .map(Result.Refused::new));
    }

    public Result create(Wanted wanted, String site) {
        FunctionRef function = wanted.function();
        String name = InstanceNames.of(
                config.userKey(),
                wanted.namespace(),
                function.apiVersion(),
                function.kind(),
                function.name(),
                wanted.user());
        FunctionInstance instance = new FunctionInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withNamespace(wanted.namespace())
                .withName(name)
                .build());
        instance.setSpec(new FunctionInstanceSpec(function, wanted.user(), site, wanted.userAliases()));
        try {
            return new Result.Created(client.resource(instance).create());
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409) {
                return new Result.Exists(name); // somebody was faster
            }
            throw e;
        }
    }
}
