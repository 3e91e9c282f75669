// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.instance;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.SitePods;
import dev.carovana.controller.function.Function;
import dev.carovana.kubernetes.PodContainers;
import dev.carovana.model.FunctionContract;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Makes the pods of an instance. Pure. */
public final class InstancePods {
    /** A held container fails its probes, one each second, until it is restored; for as long as any migration may take. */
    private static final int HELD_SECONDS = 3600;

    private static final String NO_SCHEDULE = "NoSchedule";

    private static final String APART = "liqo.io/anti-affinity-preset";
    private static final String APART_FROM = "liqo.io/anti-affinity-labels";

    private InstancePods() {}

    /** Name of an instance's pod, and of the migration that leads to it. */
    public static String name(FunctionInstance instance, long epoch) {
        return instance.getMetadata().getName() + "-" + epoch;
    }

    /** The epoch in a {@link #name}; 0 if it is none. */
    public static long epochOf(String name) {
        String tail = name.substring(name.lastIndexOf('-') + 1);
        return tail.matches("\\d{1,9}") ? Long.parseLong(tail) : 0;
    }

    /** The pod of an instance at a site, to be started from nothing. */
    public static Pod fresh(FunctionInstance instance, Function function, Site site, long epoch) {
        PodTemplateSpec template = function.template();
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withName(name(instance, epoch))
                .withNamespace(instance.getMetadata().getNamespace())
                .withLabels(
                        template.getMetadata() == null
                                ? Map.of()
                                : template.getMetadata().getLabels())
                .withAnnotations(
                        template.getMetadata() == null
                                ? Map.of()
                                : template.getMetadata().getAnnotations())
                .addToAnnotations(Carovana.TEMPLATE_ANNOTATION, function.templateHash())
                .addToAnnotations(
                        FunctionContract.RESTARTED_AT, function.contract().restartedAt())
                .endMetadata()
                .withSpec(template.getSpec());
        return place(migratable(own(pod, instance, epoch), instance), site).build();
    }

    /**
     * The pod that a running one is moved into: the same spec, as the source pod was made, with its images pinned to
     * what runs, and containers that wait for the migration's images.
     */
    public static Pod destination(FunctionInstance instance, Pod source, Site site, long epoch, String migrationUid) {
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withName(name(instance, epoch))
                .withNamespace(instance.getMetadata().getNamespace())
                .withLabels(source.getMetadata().getLabels())
                .withAnnotations(source.getMetadata().getAnnotations())
                .addToAnnotations(Carovana.MIGRATION_ANNOTATION, migrationUid)
                .removeFromAnnotations(Carovana.FENCED_BY_ANNOTATION)
                .endMetadata()
                .withSpec(source.getSpec());
        pod.editSpec()
                .withNodeName(null)
                .withEphemeralContainers()
                // others have done their work; as containers of a destination pod they would be held for ever
                .withInitContainers(source.getSpec().getInitContainers().stream()
                        .filter(PodContainers::isSidecar)
                        .map(sidecar -> heldSidecar(sidecar, imageOf(source, sidecar.getName())))
                        .toList())
                .withContainers(source.getSpec().getContainers().stream()
                        .map(container -> held(container, imageOf(source, container.getName())))
                        .toList())
                .removeMatchingFromTolerations(t -> SitePods.OFFLOADED.getKey().equals(t.getKey()))
                .removeMatchingFromTolerations(t -> SitePods.isDefault(t.build()))
                .endSpec();
        pod = place(own(pod, instance, epoch), site);
        if (Carovana.INSTANCE_LABEL.equals(pod.buildMetadata().getAnnotations().get(APART_FROM))) {
            // of an earlier move
            pod = pod.editMetadata()
                    .removeFromAnnotations(APART)
                    .removeFromAnnotations(APART_FROM)
                    .endMetadata();
        }
        return pod.editSpec()
                .withReadinessGates()
                .addNewReadinessGate(Carovana.RESTORED_GATE)
                .endSpec()
                .build();
    }

    /**
     * A destination pod into whose volumes something is sent, by the word of who is to let it in.
     *
     * @param sent names of volumes with a claim; perhaps others than in an earlier move
     */
    public static Pod taking(Pod destination, List<String> sent) {
        var pod = new PodBuilder(destination).editMetadata().removeFromAnnotations(Carovana.SENT_VOLUMES_ANNOTATION);
        return (sent.isEmpty() ? pod : pod.addToAnnotations(Carovana.SENT_VOLUMES_ANNOTATION, String.join(",", sent)))
                .endMetadata()
                .build();
    }

    /**
     * A destination pod that comes to another node of its site than the pod of the instance that runs there. Liqo lets the site's
     * own scheduler choose: what the hub's scheduler is told concerns the site as a whole.
     */
    public static Pod apart(Pod destination, Site site) {
        if (site.getSpec().liqo() != null) {
            return new PodBuilder(destination)
                    .editMetadata()
                    .addToAnnotations(APART, "hard")
                    .addToAnnotations(APART_FROM, Carovana.INSTANCE_LABEL)
                    .endMetadata()
                    .build();
        }
        return new PodBuilder(destination)
                .editSpec()
                .editAffinity()
                .withNewPodAntiAffinity()
                .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                .withTopologyKey("kubernetes.io/hostname")
                .withNewLabelSelector()
                .addToMatchLabels(
                        Carovana.INSTANCE_LABEL,
                        destination.getMetadata().getLabels().get(Carovana.INSTANCE_LABEL))
                .endLabelSelector()
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endPodAntiAffinity()
                .endAffinity()
                .endSpec()
                .build();
    }

    /** The image that runs, by digest, or the empty string if the runtime does not tell. */
    public static String imageOf(Pod pod, String container) {
        if (pod.getStatus() == null) {
            return "";
        }
        return PodContainers.allStatuses(pod.getStatus())
                .filter(status -> status.getName().equals(container))
                .map(status -> status.getImageID() == null ? "" : status.getImageID())
                .filter(image -> image.contains("@sha256:"))
                .findFirst()
                .orElse("");
    }

    private static PodBuilder own(PodBuilder pod, FunctionInstance instance, long epoch) {
        String name = instance.getMetadata().getName();
        return pod.editMetadata()
                .addToLabels(Carovana.INSTANCE_LABEL, name)
                .addToAnnotations(Carovana.INSTANCE_LABEL, name)
                .addToAnnotations(Carovana.EPOCH_ANNOTATION, Long.toString(epoch))
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(instance.getApiVersion())
                        .withKind(instance.getKind())
                        .withName(name)
                        .withUid(instance.getMetadata().getUid())
                        .withController(true)
                        .withBlockOwnerDeletion(true)
                        .build())
                .endMetadata();
    }

    /** Pins the pod to the site's nodes at the hub: Liqo's virtual one, or the hub's own. */
    private static PodBuilder place(PodBuilder pod, Site site) {
        return pod.editMetadata()
                .addToAnnotations("liqo.io/remote-runtime-class-name", Carovana.RUNTIME_CLASS)
                .addToAnnotations(
                        "liqo.io/api-server-support",
                        Boolean.TRUE.equals(pod.buildSpec().getAutomountServiceAccountToken()) ? "remote" : "disabled")
                .endMetadata()
                .editSpec()
                .withAffinity(SitePods.affinity(site))
                .addToTolerations(SitePods.OFFLOADED)
                .addAllToTolerations(staying(pod.buildSpec().getTolerations()))
                .endSpec();
    }

    /** Unless the function's developer has said otherwise. */
    private static List<Toleration> staying(List<Toleration> own) {
        return SitePods.staying().stream()
                .filter(stays -> own.stream()
                        .filter(t -> stays.getKey().equals(t.getKey()))
                        .allMatch(t -> NO_SCHEDULE.equals(t.getEffect())))
                .toList();
    }

    /** What makes a process impossible to dump is kept from it when it starts, not refused later. */
    private static PodBuilder migratable(PodBuilder pod, FunctionInstance instance) {
        pod = pod.editSpec()
                .withRuntimeClassName(Carovana.RUNTIME_CLASS)
                .withAutomountServiceAccountToken(hasToken(pod.buildSpec()))
                .withEnableServiceLinks(false)
                .withHostname(instance.getMetadata().getName())
                .endSpec();
        var security = pod.buildSpec().getSecurityContext();
        if (security == null || security.getSeccompProfile() == null) {
            pod = pod.editSpec()
                    .editOrNewSecurityContext()
                    .withNewSeccompProfile()
                    .withType("RuntimeDefault")
                    .endSeccompProfile()
                    .endSecurityContext()
                    .endSpec();
        }
        return pod;
    }

    /** By its own word: to have one without it is Kubernetes' default, and no use to most. */
    private static boolean hasToken(PodSpec spec) {
        return Boolean.TRUE.equals(spec.getAutomountServiceAccountToken())
                || spec.getVolumes().stream()
                        .filter(volume -> volume.getProjected() != null)
                        .flatMap(
                                volume -> Objects.requireNonNullElse(
                                        volume.getProjected().getSources(), List.<VolumeProjection>of())
                                        .stream())
                        .anyMatch(source -> source.getServiceAccountToken() != null);
    }

    private static Container held(Container container, String image) {
        Probe probe = container.getStartupProbe() == null ? container.getLivenessProbe() : container.getStartupProbe();
        ContainerBuilder held = pinned(container, image);
        return probe == null
                ? held.build()
                : held.withStartupProbe(new ProbeBuilder(probe)
                                .withInitialDelaySeconds(null)
                                .withTerminationGracePeriodSeconds(null)
                                .withPeriodSeconds(1)
                                .withFailureThreshold(HELD_SECONDS)
                                .build())
                        .build();
    }

    /**
     * Kubelet creates no container behind a sidecar whose startup probe fails, and a held one fails any. So it has none, and
     * its liveness probe waits. See docs/adr/0032.
     */
    private static Container heldSidecar(Container sidecar, String image) {
        ContainerBuilder held = pinned(sidecar, image).withStartupProbe(null);
        return sidecar.getLivenessProbe() == null
                ? held.build()
                : held.editLivenessProbe()
                        .withInitialDelaySeconds(HELD_SECONDS)
                        .endLivenessProbe()
                        .build();
    }

    private static ContainerBuilder pinned(Container container, String image) {
        ContainerBuilder pinned = new ContainerBuilder(container);
        if (!image.isEmpty()) {
            pinned.withImage(image);
        }
        if (container.getLifecycle() != null) {
            // it was run when the container began; in one that is held it would fail, and kubelet would end the
            // container
            pinned.editLifecycle().withPostStart(null).endLifecycle();
        }
        return pinned;
    }
}
