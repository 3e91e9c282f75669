// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.Role;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.config.CarovanaConfig;
import dev.carovana.controller.Conditions;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.Namespaces;
import dev.carovana.controller.SiteCache;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.controller.instance.NewInstances;
import dev.carovana.controller.instance.NewInstances.Wanted;
import dev.carovana.controller.site.Candidates;
import dev.carovana.link.Gateways;
import dev.carovana.link.Gateways.Gateway;
import dev.carovana.link.v1.ToGateway;
import dev.carovana.link.v1.Unwanted;
import dev.carovana.link.v1.Want;
import dev.carovana.model.Placement;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Users who call and have no instance: they get one, or their gateway hears why not. */
@ApplicationScoped
class Wants {
    private static final int WORKERS = 8;

    /** Why a user has no instance, and whether it is useless to ask again soon. */
    private record Refusal(Reason reason, boolean last) {}

    private record Asked(Gateways.Id gateway, Want want) {}

    private final CarovanaConfig config;
    private final Gateways gateways;
    private final FunctionFollower functions;
    private final InstanceCache instances;
    private final SiteCache sites;
    private final Namespaces namespaces;
    private final NewInstances newInstances;
    private final Set<Asked> underWay = ConcurrentHashMap.newKeySet();
    /** Few, so that new users do not keep the API server from moves. */
    private final ExecutorService workers = Executors.newFixedThreadPool(
            WORKERS, Thread.ofPlatform().name("want-", 0).daemon().factory());

    Wants(
            CarovanaConfig config,
            Gateways gateways,
            FunctionFollower functions,
            InstanceCache instances,
            SiteCache sites,
            Namespaces namespaces,
            NewInstances newInstances) {
        this.config = config;
        this.gateways = gateways;
        this.functions = functions;
        this.instances = instances;
        this.sites = sites;
        this.namespaces = namespaces;
        this.newInstances = newInstances;
    }

    void start(@Observes @Priority(2) StartupEvent event) {
        if (config.role() == Role.CONTROLLER) {
            gateways.listen(new Gateways.Listener() {
                @Override
                public void want(Gateway gateway, Want want) {
                    Asked asked = new Asked(gateway.id(), want);
                    if (underWay.add(asked)) {
                        workers.execute(() -> {
                            try {
                                answer(gateway, want);
                            } finally {
                                underWay.remove(asked);
                            }
                        });
                    }
                }
            });
        }
    }

    private void answer(Gateway gateway, Want want) {
        Optional<Refusal> refusal;
        try {
            refusal = make(gateway.id().site(), want);
        } catch (KubernetesClientException e) {
            boolean wrong = e.getCode() == 422; // a user's id that no instance may have
            refusal = Optional.of(new Refusal(
                    new Reason(wrong ? "Invalid" : "HubError", "the instance could not be made: " + e.getMessage()),
                    wrong));
        }
        refusal.ifPresent(why -> gateways.send(
                gateway,
                ToGateway.newBuilder()
                        .setUnwanted(Unwanted.newBuilder()
                                .setNamespace(want.getNamespace())
                                .setFunction(want.getFunction())
                                .setUser(want.getUser())
                                .setCode(why.reason().code())
                                .setMessage(why.reason().message())
                                .setFinal(why.last()))
                        .build()));
    }

    /** Why the user gets no instance; empty if there is one now, or was. */
    private Optional<Refusal> make(String site, Want want) {
        Optional<FunctionTable.Entry> function = functions.table().find(want.getNamespace(), want.getFunction());
        if (function.isEmpty()) {
            return refusal(
                    "FunctionNotFound",
                    "there is no function '" + want.getFunction() + "' in namespace '" + want.getNamespace() + "'",
                    true);
        }
        Wanted wanted = new Wanted(want.getNamespace(), function.get().reference(), want.getUser(), null);
        List<FunctionInstance> ofUser = instances.of(List.of(want.getUser()));
        Optional<NewInstances.Result> against =
                newInstances.against(wanted, function.get().contract(), ofUser);
        if (against.isPresent()) {
            return told(wanted, against.get());
        }
        Placement placement = WantedSites.from(
                site,
                Candidates.of(sites.all(), instances.all(), List.of()),
                namespaces.allowedSites(want.getNamespace()));
        return placement
                .choice()
                .map(choice -> told(wanted, newInstances.create(wanted, choice)))
                .orElseGet(() -> Optional.of(new Refusal(placement.refusal(), false)));
    }

    private Optional<Refusal> told(Wanted wanted, NewInstances.Result result) {
        return switch (result) {
            case NewInstances.Result.Created created -> Optional.empty();
            case NewInstances.Result.Refused(var reason) -> Optional.of(new Refusal(reason, true));
            case NewInstances.Result.Exists(var name) ->
                instances.find(wanted.namespace(), name).flatMap(Wants::whyNotCallable);
        };
    }

    /** Of an instance that comes up by itself, nothing: its route tells when. */
    private static Optional<Refusal> whyNotCallable(FunctionInstance instance) {
        String name = instance.getMetadata().getName();
        if (instance.isMarkedForDeletion()) {
            return refusal("InstanceEnds", "instance " + name + " is being deleted", false);
        }
        FunctionInstanceStatus status = InstanceStatuses.of(instance);
        Condition ready = Conditions.find(status.conditions(), "Ready");
        return status.phase() == Phase.Pending && ready != null
                ? refusal(ready.getReason(), "instance " + name + ": " + ready.getMessage(), false)
                : Optional.empty();
    }

    private static Optional<Refusal> refusal(String code, String message, boolean last) {
        return Optional.of(new Refusal(new Reason(code, message), last));
    }
}
