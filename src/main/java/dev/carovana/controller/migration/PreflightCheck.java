// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.controller.Namespaces;
import dev.carovana.controller.Preflights;
import dev.carovana.controller.function.Function.Result;
import dev.carovana.controller.function.FunctionWatch;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.kubernetes.PodContainers;
import dev.carovana.link.Agents;
import dev.carovana.link.Agents.Agent;
import dev.carovana.link.Agents.PreflightAnswer;
import dev.carovana.link.v1.PodRef;
import dev.carovana.link.v1.Preflight;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.Reason;
import dev.carovana.model.VolumeContract;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** The whole preflight: pod, function, both sites, both agents. Nothing is touched. */
@ApplicationScoped
class PreflightCheck implements Preflights {
    /**
     * What a move costs whatever its size, each container, and how fast memory goes through. By bench/results, where memory
     * goes through twice as fast: there none of it changes meanwhile.
     */
    private static final Duration FIXED_FREEZE = Duration.ofMillis(80);

    private static final Duration CONTAINER_FREEZE = Duration.ofMillis(40);
    private static final long BYTES_PER_MILLI = 500_000;
    /** Each is looked at once more in the freeze. */
    private static final long FILES_PER_MILLI = 30;

    private final KubernetesClient client;
    private final InstanceStatuses instances;
    private final Namespaces namespaces;
    private final FunctionWatch functions;
    private final Agents agents;
    private final AgentPreflights questions;
    private final UnfitNodes unfit;
    private final SentVolumes sent;

    PreflightCheck(
            KubernetesClient client,
            InstanceStatuses instances,
            Namespaces namespaces,
            FunctionWatch functions,
            Agents agents,
            AgentPreflights questions,
            UnfitNodes unfit,
            SentVolumes sent) {
        this.client = client;
        this.instances = instances;
        this.namespaces = namespaces;
        this.functions = functions;
        this.agents = agents;
        this.questions = questions;
        this.unfit = unfit;
        this.sent = sent;
    }

    @Override
    public List<Reason> check(String namespace, String instance, String to) {
        Optional<FunctionInstance> found = instances.find(namespace, instance);
        return found.isEmpty()
                ? List.of(new Reason("InstanceNotFound", "instance '" + instance + "': there is none in " + namespace))
                : check(found.get(), to, false);
    }

    /**
     * As {@link #check(String, String, String)}, of an instance that is known: a migration has taken it.
     *
     * @param within whether it may move to another node of its own site
     */
    List<Reason> check(FunctionInstance found, String to, boolean within) {
        String namespace = found.getMetadata().getNamespace();
        String instance = found.getMetadata().getName();
        Site destination = client.resources(Site.class).withName(to).get();
        if (destination == null) {
            return List.of(new Reason("SiteNotFound", "to '" + to + "': there is no such Site"));
        }
        FunctionInstanceStatus status = InstanceStatuses.of(found);
        if (status.copy() != null) {
            return List.of(new Reason(
                    "RemoteState",
                    "instance " + instance + " is served by copy " + status.copy()
                            + ": nothing migrates, the route changes when a copy at '" + to + "' is ready"));
        }
        Pod pod = status.podName() == null
                ? null
                : client.pods()
                        .inNamespace(namespace)
                        .withName(status.podName())
                        .get();
        if (pod == null || status.site() == null) {
            return List.of(new Reason("NotRunning", "instance " + instance + " has no pod that could move"));
        }
        List<Reason> reasons = new ArrayList<>(PodRules.check(pod));
        if (!status.site().equals(to)) {
            namespaces.allowedSites(namespace).against(to).ifPresent(reasons::add);
            reasons.addAll(checkSite(destination, instance));
        } else if (!within || agents.at(to).size() < 2) {
            return List.of(new Reason(
                    "SameSite",
                    "to '" + to + "': the instance is there already"
                            + (within ? ", and no other node of the site has an agent" : "")));
        }
        if (agents.at(status.site()).isEmpty()) {
            reasons.add(SiteRules.agentAbsent(status.site(), agents.refusedAt(status.site())));
        }
        VolumeContract volumes = sent.of(found);
        reasons.addAll(ClaimRules.checkSent(pod, volumes, status.site().equals(to)));
        if (reasons.isEmpty()) {
            reasons.addAll(askAgents(found, pod, volumes, status.site(), to));
        }
        return reasons;
    }

    /** What is there is counted only if it matters: that takes as long as there are instances in the whole hub. */
    private List<Reason> checkSite(Site site, String instance) {
        String name = site.getMetadata().getName();
        SiteSpec.Limits limits = site.getSpec().limits();
        return SiteRules.check(
                site,
                agents.at(name),
                agents.refusedAt(name),
                limits == null || limits.maxInstances() == null ? 0 : instancesAt(name),
                limits == null || limits.maxMigrations() == null ? 0 : otherMigrationsAt(name, instance));
    }

    private List<Reason> askAgents(FunctionInstance instance, Pod pod, VolumeContract volumes, String from, String to) {
        Preflight question = Preflight.newBuilder()
                .setMigration("preflight-" + UUID.randomUUID())
                .addAllContainers(PodContainers.of(pod.getSpec()).stream()
                        .map(Container::getName)
                        .toList())
                .setNamespace(pod.getMetadata().getNamespace())
                .addAllClaims(ClaimRules.claims(pod))
                .addAllSendVolumes(volumes.sent())
                .build();
        PodRef source = PodRef.newBuilder()
                .setNamespace(pod.getMetadata().getNamespace())
                .setName(pod.getMetadata().getName())
                .build();
        List<PreflightAnswer> answers =
                questions.ask(from, question.toBuilder().setPod(source).build());
        Optional<PreflightAnswer> here = answers.stream()
                .filter(answer -> answer.result().getReasonsList().stream()
                        .noneMatch(reason -> reason.getCode().equals("PodNotHere")))
                .findFirst();
        if (here.isEmpty()) {
            return List.of(new Reason(
                    "SourceAgent",
                    "no agent of site " + from + " sees the pod "
                            + pod.getMetadata().getName()
                            + ": " + answers.size() + " of "
                            + agents.at(from).size() + " answered"));
        }
        PreflightResult told = here.get().result();
        List<Reason> reasons = new ArrayList<>(reasonsOf(here.get()));
        reasons.addAll(ClaimRules.check(pod, volumes, from, told.getClaimsList()));
        long memory = told.getMemoryBytes();
        long files = told.getFilesBytes();
        List<PreflightAnswer> there = questions.ask(to, ofDestination(question, pod)).stream()
                .filter(answer -> !isOfSameNode(answer, here.get()))
                .toList();
        Map<String, List<Reason>> against = againstNodes(pod, there, here.get(), memory, files);
        unfit.put(instance.getMetadata().getNamespace(), instance.getMetadata().getName(), to, against);
        reasons.addAll(anyOf(against, to));
        there.stream()
                .findFirst()
                .map(answer -> answer.result().getClaimsList())
                .ifPresent(claims -> {
                    reasons.addAll(ClaimRules.check(pod, volumes, to, claims));
                    reasons.addAll(ClaimRules.checkSize(pod, volumes, told.getSentBytes(), claims));
                });
        long late = told.hasLateFilesBytes() ? told.getLateFilesBytes() : files;
        reasons.addAll(checkFreeze(
                instance, expectedFreeze(PodContainers.of(pod.getSpec()).size(), memory + late, told.getFiles())));
        return reasons;
    }

    private static Preflight ofDestination(Preflight question, Pod pod) {
        return Boolean.TRUE.equals(pod.getSpec().getAutomountServiceAccountToken())
                ? question.toBuilder()
                        .setServiceAccount(
                                Objects.requireNonNullElse(pod.getSpec().getServiceAccountName(), "default"))
                        .build()
                : question;
    }

    private static boolean isOfSameNode(PreflightAnswer one, PreflightAnswer other) {
        return one.site().equals(other.site()) && one.node().equals(other.node());
    }

    /** One node of the destination is enough; the reasons of the last one are told when none is. */
    private static List<Reason> anyOf(Map<String, List<Reason>> against, String to) {
        List<Reason> reasons = List.of(new Reason("AgentSilent", "no agent of site " + to + " answered in time"));
        for (List<Reason> ofNode : against.values()) {
            if (ofNode.isEmpty()) {
                return List.of();
            }
            reasons = ofNode;
        }
        return reasons;
    }

    /** Reasons against each node of the destination that answered. */
    private Map<String, List<Reason>> againstNodes(
            Pod pod, List<PreflightAnswer> answers, PreflightAnswer source, long memory, long files) {
        Map<String, List<Reason>> reasons = new LinkedHashMap<>();
        Optional<Agent> from = agents.find(source.site(), source.node());
        for (PreflightAnswer answer : answers) {
            Optional<Agent> node = agents.find(answer.site(), answer.node());
            if (from.isPresent() && node.isPresent()) {
                List<Reason> against = new ArrayList<>(reasonsOf(answer));
                against.addAll(SiteRules.check(from.get(), node.get(), memory, files));
                against.addAll(AppArmorRules.check(pod, source, answer));
                against.addAll(KernelRules.check(source, node.get()));
                reasons.put(answer.node(), against);
            }
        }
        return reasons;
    }

    private static Duration expectedFreeze(int containers, long bytes, long files) {
        return FIXED_FREEZE
                .plus(CONTAINER_FREEZE.multipliedBy(containers))
                .plusMillis(bytes / BYTES_PER_MILLI + files / FILES_PER_MILLI);
    }

    private List<Reason> checkFreeze(FunctionInstance instance, Duration expected) {
        if (!(functions.find(
                                instance.getMetadata().getNamespace(),
                                instance.getSpec().function())
                        instanceof Result.Found(var function)
                && function.contract().maxFreeze() != null)) {
            return List.of(); // no limit, or the function is gone: its instance may still move
        }
        Duration most = function.contract().maxFreeze();
        return expected.compareTo(most) <= 0
                ? List.of()
                : List.of(new Reason(
                        "MaxFreeze",
                        "a freeze of " + expected.toMillis() + " ms is expected, annotation "
                                + FunctionContract.MAX_FREEZE + " allows " + most.toMillis() + " ms"));
    }

    private static List<Reason> reasonsOf(PreflightAnswer answer) {
        return answer.result().getReasonsList().stream()
                .map(reason -> new Reason(reason.getCode(), reason.getMessage()))
                .toList();
    }

    private int instancesAt(String site) {
        return (int) client.resources(FunctionInstance.class).inAnyNamespace().list().getItems().stream()
                .filter(i -> site.equals(InstanceStatuses.of(i).site()))
                .count();
    }

    private int otherMigrationsAt(String site, String instance) {
        return (int) client.resources(Migration.class).inAnyNamespace().list().getItems().stream()
                .filter(m -> m.getStatus() != null
                        && m.getStatus().phase() != null
                        && !m.getStatus().phase().isFinal())
                .filter(m -> !m.getSpec().instance().equals(instance))
                .filter(m -> m.getSpec().to().equals(site)
                        || Objects.equals(m.getStatus().from(), site))
                .count();
    }
}
