// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.mobility;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.controller.Pages;
import dev.carovana.controller.SlimInstances;
import dev.carovana.controller.instance.Moves;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.Remembered;
import dev.carovana.model.Remembered.Next;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes moves that were held back when their time has come. Everything is in the instance's annotations. */
// annotations do not change the generation
@ControllerConfiguration(
        name = "held-move",
        generationAwareEventProcessing = false,
        informer = @Informer(itemStore = SlimInstances.class, informerListLimit = Pages.OBJECTS))
public class HeldMoveReconciler implements Reconciler<FunctionInstance> {
    private final Moves moves;
    private final Clock clock = Clock.systemUTC();

    HeldMoveReconciler(Moves moves) {
        this.moves = moves;
    }

    @Override
    public UpdateControl<FunctionInstance> reconcile(FunctionInstance instance, Context<FunctionInstance> context) {
        Map<String, String> annotations =
                Objects.requireNonNullElse(instance.getMetadata().getAnnotations(), Map.of());
        return switch (Remembered.read(annotations).next(instance.getSpec().site(), clock.instant())) {
            case Next.Nothing() -> UpdateControl.noUpdate();
            case Next.Wait(Duration left) ->
                UpdateControl.<FunctionInstance>noUpdate().rescheduleAfter(left);
            case Next.Move(String site, Remembered after) -> write(instance, site, after);
            case Next.Drop(Remembered after) ->
                write(instance, instance.getSpec().site(), after);
        };
    }

    /** Fails if the instance is no longer as it was read: then it is looked at again. */
    private UpdateControl<FunctionInstance> write(FunctionInstance instance, String site, Remembered after) {
        Map<String, @Nullable String> annotations = new HashMap<>(after.annotations());
        if (!site.equals(instance.getSpec().site())) {
            annotations.put(MobilityAnnotations.REASON, MigrationSpec.Reason.UserMobility.name());
        }
        moves.write(instance, site, annotations);
        return UpdateControl.noUpdate();
    }
}
