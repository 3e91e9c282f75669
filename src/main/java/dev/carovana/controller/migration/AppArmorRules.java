// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.kubernetes.PodContainers;
import dev.carovana.link.Agents.PreflightAnswer;
import dev.carovana.link.v1.AppArmor;
import dev.carovana.link.v1.Confinement;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a pod's processes would be confined at a destination as they are at the source, and as the pod asks for. CRIU
 * restores the profile that a process had, by name, and cannot give one to a process that had none. Pure.
 */
final class AppArmorRules {
    private static final String UNCONFINED = "unconfined";
    /** The mode of a profile. */
    private static final String CONFINES_NOBODY = " (unconfined)";
    /** containerd loads it when it creates a container, if it is not there yet. */
    private static final String CONTAINERD_DEFAULT = "cri-containerd.apparmor.d";

    private static final Set<String> RUNTIME_DEFAULTS = Set.of(CONTAINERD_DEFAULT, "crio-default");

    private AppArmorRules() {}

    /** Reasons against the destination's node. Without what an older agent does not say there are none. */
    static List<Reason> check(Pod pod, PreflightAnswer source, PreflightAnswer destination) {
        List<Reason> reasons = new ArrayList<>();
        if (source.result().hasAppArmor() && destination.result().hasAppArmor()) {
            for (Container container : PodContainers.of(pod.getSpec())) {
                checkContainer(reasons, pod, container, source, destination);
                checkDatagrams(reasons, container.getName(), source, destination);
            }
        }
        return reasons;
    }

    private static List<String> profilesOf(PreflightAnswer source, String container) {
        return source.result().getConfinementsList().stream()
                .filter(c -> c.getContainer().equals(container))
                .map(Confinement::getProfile)
                .filter(profile -> !profile.equals(UNCONFINED))
                .toList();
    }

    private static void checkContainer(
            List<Reason> reasons, Pod pod, Container container, PreflightAnswer source, PreflightAnswer destination) {
        String subject = "container " + container.getName();
        List<String> profiles = profilesOf(source, container.getName());
        for (String profile : profiles) {
            checkProfile(
                    reasons,
                    subject + " is confined by profile '" + profile + "' at " + nodeOf(source),
                    profile,
                    destination);
        }
        String wish = wishOf(pod, container);
        boolean confined = profiles.stream().anyMatch(profile -> isConfining(profile, wish));
        if (!confined && !wish.equals("Unconfined") && confines(source, destination)) {
            reasons.add(new Reason(
                    "AppArmorUnconfined",
                    subject + " is unconfined at " + nodeOf(source)
                            + (source.result().getAppArmor().getEnabled() ? "" : ", which has no AppArmor") + "; "
                            + nodeOf(destination) + " would confine it (appArmorProfile " + wish
                            + "), which cannot be done while it runs: start the instance anew there, or set "
                            + "appArmorProfile.type to Unconfined in its function"));
        }
    }

    /** Such a kernel falls over when a confined process writes to such a socket: docs/adr/0031. */
    private static void checkDatagrams(
            List<Reason> reasons, String container, PreflightAnswer source, PreflightAnswer destination) {
        if (destination.result().getAppArmor().getUnixSockets()
                && source.result().getAbstractDatagramsList().contains(container)
                && profilesOf(source, container).stream().anyMatch(profile -> !profile.endsWith(CONFINES_NOBODY))) {
            reasons.add(new Reason(
                    "AppArmorDatagrams",
                    "container " + container + " has a datagram unix socket that is connected to an abstract name; on "
                            + nodeOf(destination)
                            + ", whose AppArmor mediates unix sockets, the kernel would fall over when it is written to: "
                            + "bind the other socket to a file, or choose a node with Linux before 6.17"));
        }
    }

    private static void checkProfile(
            List<Reason> reasons, String subject, String profile, PreflightAnswer destination) {
        AppArmor there = destination.result().getAppArmor();
        if (!there.getEnabled()) {
            reasons.add(new Reason(
                    "AppArmorAbsent",
                    subject + "; " + nodeOf(destination)
                            + " has no AppArmor: enable it there, or choose a node that has it"));
            return;
        }
        String name = nameOf(profile);
        List<String> named = there.getProfilesList().stream()
                .filter(other -> nameOf(other).equals(name))
                .toList();
        if (!named.contains(profile) && !(named.isEmpty() && name.equals(CONTAINERD_DEFAULT))) {
            reasons.add(new Reason(
                    "AppArmorProfile",
                    subject + "; " + nodeOf(destination) + " has "
                            + (named.isEmpty() ? "no profile of that name" : "'" + String.join("', '", named) + "'")
                            + ": load the same profile there, in the same mode"));
        }
    }

    /** A profile may say that it confines nobody, as Debian's of runc does: containers that are given none have it then. */
    private static boolean isConfining(String profile, String wish) {
        return !profile.endsWith(CONFINES_NOBODY) || wish.equals("Localhost " + nameOf(profile));
    }

    /** Whether containers are confined at the destination. A kernel may have AppArmor while its container runtime is told not to use it. */
    private static boolean confines(PreflightAnswer source, PreflightAnswer destination) {
        AppArmor there = destination.result().getAppArmor();
        return there.getEnabled()
                && (!source.result().getAppArmor().getEnabled()
                        || there.getProfilesList().stream().anyMatch(p -> RUNTIME_DEFAULTS.contains(nameOf(p))));
    }

    /** What the pod asks for, of the container if it says it, else of all. */
    private static String wishOf(Pod pod, Container container) {
        AppArmorProfile own = container.getSecurityContext() == null
                ? null
                : container.getSecurityContext().getAppArmorProfile();
        AppArmorProfile all = pod.getSpec().getSecurityContext() == null
                ? null
                : pod.getSpec().getSecurityContext().getAppArmorProfile();
        return describe(own == null ? all : own);
    }

    private static String describe(@Nullable AppArmorProfile profile) {
        if (profile == null) {
            return "RuntimeDefault";
        }
        return profile.getLocalhostProfile() == null
                ? profile.getType()
                : profile.getType() + " " + profile.getLocalhostProfile();
    }

    /** Of a profile with its mode. */
    private static String nameOf(String profile) {
        int mode = profile.lastIndexOf(" (");
        return mode < 0 ? profile : profile.substring(0, mode);
    }

    private static String nodeOf(PreflightAnswer answer) {
        return "node " + answer.node() + " of site " + answer.site();
    }
}
