// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodRulesTest {
    private static final String IMAGE =
            "registry.example/main@sha256:0000000000000000000000000000000000000000000000000000000000000001";

    /** A pod that moves, with something added to its spec and to its container. */
    private static Pod pod(String spec, String container, String state) {
        String yaml =
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: p}
                spec: {%s containers: [{name: main, image: "main:1" %s}]}
                status: {containerStatuses: [{name: main, %s}]}
                """
                        .formatted(spec, container, state);
        return Serialization.unmarshal(yaml, Pod.class);
    }

    private static Pod running(String spec, String container) {
        return pod(spec, container, "imageID: '" + IMAGE + "', state: {running: {}}");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "''",
                "volumes: [{name: v, configMap: {name: c}}],",
                "volumes: [{name: v, secret: {secretName: s}}],",
                "volumes: [{name: v, emptyDir: {}}],",
                "volumes: [{name: v, emptyDir: {medium: Memory}}],",
                "volumes: [{name: v, downwardAPI: {}}],",
                "volumes: [{name: v, projected: {sources: [{configMap: {name: c}}, {downwardAPI: {}}]}}],",
                "volumes: [{name: v, persistentVolumeClaim: {claimName: c}}],",
                "initContainers: [{name: once, image: x, tty: true}],",
                "volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}]}}],",
                "ephemeralContainers: [{name: e, image: x}],",
                "hostNetwork: false, hostUsers: true,",
            })
    void moves(String spec) {
        assertThat(PodRules.check(running(spec, ""))).isEmpty();
    }

    @ParameterizedTest(name = "{0}: {1}{2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "HostNetwork|hostNetwork: true,|''|spec.hostNetwork is true, expected false",
                "HostPID|hostPID: true,|''|spec.hostPID",
                "HostIPC|hostIPC: true,|''|spec.hostIPC",
                "ShareProcessNamespace|shareProcessNamespace: true,|''|spec.shareProcessNamespace",
                "HostPath|volumes: [{name: v, hostPath: {path: /}}],|''|spec.volumes[v]",
                "Volume|volumes: [{name: v, nfs: {server: s, path: /}}],|''|expected to be a configMap",
                "Volume|volumes: [{name: v, ephemeral: {}}],|''|spec.volumes[v]",
                "ContainerNotRunning|initContainers: [{name: side, image: x, restartPolicy: Always}],|''|initContainers[side] is not running",
                "SubPathExpr|volumes: [{name: v, emptyDir: {}}],|, env: [{name: P, valueFrom: {fieldRef: {fieldPath: metadata.name}}}], volumeMounts: [{name: v, mountPath: /log, subPathExpr: a/$(P)}]|containers[main].volumeMounts[/log].subPathExpr is 'a/$(P)', and P",
                "SubPathExpr|volumes: [{name: v, persistentVolumeClaim: {claimName: c}}],|, env: [{name: P, valueFrom: {fieldRef: {fieldPath: metadata.name}}}], volumeMounts: [{name: v, mountPath: /log, subPathExpr: a/$(P)}]|containers[main].volumeMounts[/log].subPathExpr is 'a/$(P)', and P",
                "HostUsers|hostUsers: false,|''|spec.hostUsers is false, expected to be left out",
                "Tty|''|, tty: true|containers[main].tty is true",
                "Stdin|''|, stdin: true|containers[main].stdin is true",
                "VolumeDevice|''|, volumeDevices: [{name: d, devicePath: /dev/x}]|containers[main].volumeDevices",
                "Privileged|''|, securityContext: {privileged: true}|containers[main].securityContext.privileged",
            })
    void isRefused(String code, String spec, String container, String names) {
        assertThat(PodRules.check(running(spec, container))).singleElement().satisfies(reason -> {
            assertThat(reason.code()).isEqualTo(code);
            assertThat(reason.message()).contains(names);
        });
    }

    @Test
    void containersMustRunFromAKnownDigest() {
        assertThat(PodRules.check(pod("", "", "state: {waiting: {reason: CrashLoopBackOff}}")))
                .extracting(Reason::code)
                .containsExactly("ContainerNotRunning");
        assertThat(PodRules.check(pod("", "", "imageID: 'sha256:01', state: {running: {}}")))
                .singleElement()
                .satisfies(reason -> {
                    assertThat(reason.code()).isEqualTo("ImageDigest");
                    assertThat(reason.message()).contains("containers[main].image 'main:1'");
                });
    }

    @Test
    void aSidecarIsOneOfTheContainers() {
        Pod pod = running("initContainers: [{name: side, image: x, restartPolicy: Always, stdin: true}],", "");
        pod.getStatus()
                .setInitContainerStatuses(List.of(new ContainerStatusBuilder(
                                pod.getStatus().getContainerStatuses().getFirst())
                        .withName("side")
                        .build()));

        assertThat(PodRules.check(pod))
                .containsExactly(new Reason("Stdin", "initContainers[side].stdin is true, expected false"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "emptyDir: {}|fieldRef: {fieldPath: metadata.namespace}",
                "emptyDir: {}|configMapKeyRef: {name: c, key: k}",
                "configMap: {name: c}|fieldRef: {fieldPath: metadata.name}"
            })
    void aSubPathThatLeadsToTheSameInEachPodMoves(String volumeAndValue) {
        String[] of = volumeAndValue.split("\\|");
        assertThat(PodRules.check(running(
                        "volumes: [{name: v, %s}],".formatted(of[0]),
                        ", env: [{name: P, valueFrom: {%s}}], volumeMounts: [{name: v, mountPath: /log, subPathExpr: $(P)}]"
                                .formatted(of[1]))))
                .isEmpty();
    }

    @Test
    void tellsEveryReason() {
        List<Reason> reasons = PodRules.check(running("hostNetwork: true, hostPID: true,", ", tty: true"));

        assertThat(reasons).extracting(Reason::code).containsExactly("HostNetwork", "HostPID", "Tty");
    }
}
