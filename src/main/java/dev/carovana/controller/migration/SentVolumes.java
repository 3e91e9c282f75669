// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.function.Function.Result;
import dev.carovana.controller.function.FunctionWatch;
import dev.carovana.model.VolumeContract;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** What the function of an instance says of its volumes now: not what it said when the instance was started. */
@ApplicationScoped
class SentVolumes {
    private final InstanceCache instances;
    private final FunctionWatch functions;

    SentVolumes(InstanceCache instances, FunctionWatch functions) {
        this.instances = instances;
        this.functions = functions;
    }

    VolumeContract of(FunctionInstance instance) {
        return functions.find(
                                instance.getMetadata().getNamespace(),
                                instance.getSpec().function())
                        instanceof Result.Found(var function)
                ? function.contract().volumes()
                : VolumeContract.NONE;
    }

    /** Names of volumes. */
    List<String> of(Migration migration) {
        return instances
                .find(
                        migration.getMetadata().getNamespace(),
                        migration.getSpec().instance())
                .map(found -> of(found).sent())
                .orElse(List.of());
    }
}
