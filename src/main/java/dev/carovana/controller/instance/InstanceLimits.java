// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.controller.ControllerConfig;
import dev.carovana.controller.InstanceCache;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/** How many instances a function and a user may have. */
@ApplicationScoped
public class InstanceLimits {
    private static final Comparator<FunctionInstance> AGE = Comparator.<FunctionInstance, String>comparing(
                    i -> i.getMetadata().getCreationTimestamp())
            .thenComparing(i -> i.getMetadata().getUid());

    private final KubernetesClient client;
    private final InstanceCache instances;
    private final ControllerConfig config;

    InstanceLimits(KubernetesClient client, InstanceCache instances, ControllerConfig config) {
        this.client = client;
        this.instances = instances;
        this.config = config;
    }

    /** Why a user can have no further instance of a function. */
    public Optional<Reason> againstAnother(
            String namespace, FunctionRef function, String user, FunctionContract contract) {
        return check(namespace, function, user, contract, other -> true);
    }

    /**
     * Why an instance that is there cannot start. Those that have started and those that were there before it come
     * first; so of instances that are made at the same time never more start than may.
     */
    Optional<Reason> against(FunctionInstance instance, FunctionContract contract) {
        String uid = instance.getMetadata().getUid();
        Predicate<FunctionInstance> isBefore = other ->
                !other.getMetadata().getUid().equals(uid) && (hasStarted(other) || AGE.compare(other, instance) < 0);
        return sameUsers(instance, isBefore)
                .or(() -> check(
                        instance.getMetadata().getNamespace(),
                        instance.getSpec().function(),
                        instance.getSpec().user(),
                        contract,
                        isBefore));
    }

    /** Calls of a user of a function go to one instance: another one waits for its end. */
    private Optional<Reason> sameUsers(FunctionInstance instance, Predicate<FunctionInstance> isBefore) {
        FunctionInstanceSpec spec = instance.getSpec();
        return instances.of(List.of(spec.user())).stream()
                .filter(other -> other.getMetadata()
                                .getNamespace()
                                .equals(instance.getMetadata().getNamespace())
                        && other.getSpec().user().equals(spec.user())
                        && other.getSpec().function().equals(spec.function()))
                .filter(isBefore)
                .findFirst()
                .map(other -> new Reason(
                        "UserHasInstance",
                        "the user has instance " + other.getMetadata().getName()
                                + " of this function: this one starts when that is gone"));
    }

    private Optional<Reason> check(
            String namespace,
            FunctionRef function,
            String user,
            FunctionContract contract,
            Predicate<FunctionInstance> counts) {
        Integer most = contract.maxInstances();
        if (most != null) {
            long there = client.resources(FunctionInstance.class).inNamespace(namespace).list().getItems().stream()
                    .filter(i -> i.getSpec().function().equals(function))
                    .filter(counts)
                    .count();
            if (there >= most) {
                return Optional.of(new Reason(
                        "FunctionLimit",
                        "annotation " + FunctionContract.MAX_INSTANCES + " of " + function.kind() + " "
                                + function.name() + " is " + most + " and " + there + " are there"));
            }
        }
        if (config.limits().instancesPerUser().isPresent()) {
            int allowed = config.limits().instancesPerUser().getAsInt();
            long there = client.resources(FunctionInstance.class).inAnyNamespace().list().getItems().stream()
                    .filter(i -> i.getSpec().user().equals(user))
                    .filter(counts)
                    .count();
            if (there >= allowed) {
                return Optional.of(new Reason(
                        "UserLimit",
                        "carovana.limits.instances-per-user is " + allowed + " and the user has " + there));
            }
        }
        return Optional.empty();
    }

    private static boolean hasStarted(FunctionInstance instance) {
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        return status.epoch() != null && !Objects.equals(status.phase(), Phase.Pending);
    }
}
