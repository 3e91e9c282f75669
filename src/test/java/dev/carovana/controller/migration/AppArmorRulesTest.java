// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.Agents.PreflightAnswer;
import dev.carovana.link.v1.AppArmor;
import dev.carovana.link.v1.Confinement;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppArmorRulesTest {
    private static final String DEFAULT = "cri-containerd.apparmor.d (enforce)";
    private static final PreflightAnswer WITHOUT = answer("edge-a", AppArmor.getDefaultInstance());

    private static PreflightAnswer answer(String site, AppArmor node, String... profilesOfApp) {
        PreflightResult.Builder result = PreflightResult.newBuilder().setAppArmor(node);
        for (String profile : profilesOfApp) {
            result.addConfinements(Confinement.newBuilder().setContainer("app").setProfile(profile));
        }
        return new PreflightAnswer(site, site + "-1", result.build());
    }

    private static AppArmor loaded(List<String> profiles) {
        return AppArmor.newBuilder().setEnabled(true).addAllProfiles(profiles).build();
    }

    /** "none" for a node without AppArmor, else what is loaded, separated by commas. */
    private static AppArmor node(String profiles) {
        return profiles.equals("none")
                ? AppArmor.getDefaultInstance()
                : loaded(profiles.isEmpty() ? List.of() : Arrays.asList(profiles.split(",")));
    }

    private static @Nullable AppArmorProfile profile(@Nullable String wish) {
        if (wish == null) {
            return null;
        }
        String[] parts = wish.split("/");
        return new AppArmorProfile(parts.length > 1 ? parts[1] : null, parts[0]);
    }

    private static Pod pod(@Nullable String ofPod, @Nullable String ofContainer) {
        return new PodBuilder()
                .withNewSpec()
                .withNewSecurityContext()
                .withAppArmorProfile(profile(ofPod))
                .endSecurityContext()
                .withContainers(new ContainerBuilder()
                        .withName("app")
                        .withNewSecurityContext()
                        .withAppArmorProfile(profile(ofContainer))
                        .endSecurityContext()
                        .build())
                .endSpec()
                .build();
    }

    @ParameterizedTest(name = "{0} with {1}, of {2}, to {3}: {4}")
    @CsvSource(
            delimiter = ';',
            value = {
                // the source's node; the app's profiles there; appArmorProfile of pod, container; the destination's
                // node; code
                "none; ''; ; ; none; ",
                "none; ''; ; ; cri-containerd.apparmor.d (enforce); AppArmorUnconfined",
                "none; ''; ; ; ''; AppArmorUnconfined",
                "none; ''; Unconfined; ; cri-containerd.apparmor.d (enforce); ",
                "none; ''; RuntimeDefault; Unconfined; cri-containerd.apparmor.d (enforce); ",
                "none; ''; Unconfined; RuntimeDefault; cri-containerd.apparmor.d (enforce); AppArmorUnconfined",
                "none; ''; Localhost/foo; ; foo (enforce); AppArmorUnconfined",
                "''; cri-containerd.apparmor.d (enforce); ; ; none; AppArmorAbsent",
                "''; cri-containerd.apparmor.d (enforce); RuntimeDefault; ; none; AppArmorAbsent",
                "''; foo (enforce); ; Localhost/foo; none; AppArmorAbsent",
                "''; unconfined; Unconfined; ; none; ",
                "''; unconfined; ; Unconfined; cri-containerd.apparmor.d (enforce); ",
                "''; unconfined; ; ; none; ",
                // neither node's container runtime uses AppArmor, or only the destination's does
                "''; unconfined; ; ; foo (enforce); ",
                "''; unconfined; ; ; cri-containerd.apparmor.d (enforce); AppArmorUnconfined",
                "''; unconfined; ; ; crio-default (enforce); AppArmorUnconfined",
                // a profile that confines nobody
                "''; runc (unconfined); ; ; runc (unconfined); ",
                "''; runc (unconfined); ; ; ''; AppArmorProfile",
                "''; runc (unconfined); ; ; runc (unconfined),cri-containerd.apparmor.d (enforce); AppArmorUnconfined",
                "''; runc (unconfined); Unconfined; ; runc (unconfined),cri-containerd.apparmor.d (enforce); ",
                "''; foo (unconfined); ; Localhost/foo; foo (unconfined),cri-containerd.apparmor.d (enforce); ",
                "''; cri-containerd.apparmor.d (enforce); ; ; bar (enforce),cri-containerd.apparmor.d (enforce); ",
                // containerd has not confined any container there yet
                "''; cri-containerd.apparmor.d (enforce); ; ; ''; ",
                "''; crio-default (enforce); ; ; cri-containerd.apparmor.d (enforce); AppArmorProfile",
                "''; foo (enforce); ; Localhost/foo; foo (enforce); ",
                "''; foo (enforce); ; Localhost/foo; foo//child (enforce); AppArmorProfile",
                "''; foo (enforce); ; Localhost/foo; foo (complain); AppArmorProfile",
                "''; foo (enforce),foo//child (enforce); ; Localhost/foo; foo (enforce); AppArmorProfile",
                // one that has left its profile is restored as it is
                "''; foo (enforce),unconfined; ; Localhost/foo; foo (enforce),cri-containerd.apparmor.d (enforce); ",
            })
    void aPodMovesOnlyToWhereItIsConfinedAsItWas(
            String source, String profiles, String ofPod, String ofContainer, String destination, String code) {
        List<Reason> reasons = AppArmorRules.check(
                pod(ofPod, ofContainer),
                answer("edge-a", node(source), profiles.isEmpty() ? new String[0] : profiles.split(",")),
                answer("edge-b", node(destination)));

        assertThat(reasons).extracting(Reason::code).isEqualTo(code == null ? List.of() : List.of(code));
    }

    @Test
    void whatIsSaidOfANodeWithoutAppArmor() {
        assertThat(AppArmorRules.check(pod(null, null), answer("edge-c", loaded(List.of(DEFAULT)), DEFAULT), WITHOUT))
                .containsExactly(new Reason(
                        "AppArmorAbsent",
                        "container app is confined by profile 'cri-containerd.apparmor.d (enforce)' at node edge-c-1 of site "
                                + "edge-c; node edge-a-1 of site edge-a has no AppArmor: enable it there, or choose a node "
                                + "that has it"));
    }

    @Test
    void whatIsSaidOfANodeThatWouldConfine() {
        assertThat(AppArmorRules.check(pod(null, null), WITHOUT, answer("edge-c", loaded(List.of(DEFAULT)))))
                .containsExactly(new Reason(
                        "AppArmorUnconfined",
                        "container app is unconfined at node edge-a-1 of site edge-a, which has no AppArmor; node edge-c-1 "
                                + "of site edge-c would confine it (appArmorProfile RuntimeDefault), which cannot be done "
                                + "while it runs: start the instance anew there, or set appArmorProfile.type to Unconfined "
                                + "in its function"));
    }

    @Test
    void whatIsSaidOfAProfileInAnotherMode() {
        PreflightAnswer there = answer("edge-d", loaded(List.of("foo (complain)")));

        assertThat(AppArmorRules.check(
                        pod(null, "Localhost/foo"),
                        answer("edge-c", loaded(List.of("foo (enforce)")), "foo (enforce)"),
                        there))
                .containsExactly(
                        new Reason(
                                "AppArmorProfile",
                                "container app is confined by profile 'foo (enforce)' at node edge-c-1 of site edge-c; node edge-d-1 "
                                        + "of site edge-d has 'foo (complain)': load the same profile there, in the same mode"));
    }

    @ParameterizedTest
    @CsvSource({
        "foo (enforce), true, app, AppArmorDatagrams",
        "foo (enforce), true, side, ",
        "foo (enforce), false, app, ",
        "foo (unconfined), true, app, ",
        "unconfined, true, app, "
    })
    void aKernelThatWouldFallOverIsRefused(String profile, boolean mediates, String datagramsOf, String code) {
        PreflightAnswer running = answer("edge-a", loaded(List.of("foo (enforce)")), profile);
        PreflightAnswer source = new PreflightAnswer(
                running.site(),
                running.node(),
                running.result().toBuilder().addAbstractDatagrams(datagramsOf).build());
        AppArmor there =
                loaded(List.of(profile)).toBuilder().setUnixSockets(mediates).build();

        assertThat(AppArmorRules.check(pod(null, "Localhost/foo"), source, answer("edge-b", there)))
                .extracting(Reason::code)
                .isEqualTo(code == null ? List.of() : List.of(code));
    }

    @Test
    void agentsThatDoNotSayItAreNotHeldAgainstAMove() {
        PreflightAnswer silent = new PreflightAnswer("edge-b", "edge-b-1", PreflightResult.getDefaultInstance());
        PreflightAnswer confined = answer("edge-c", loaded(List.of(DEFAULT)), DEFAULT);

        assertThat(AppArmorRules.check(pod(null, null), confined, silent)).isEmpty();
        assertThat(AppArmorRules.check(pod(null, null), silent, confined)).isEmpty();
    }
}
