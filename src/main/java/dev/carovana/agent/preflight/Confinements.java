// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import dev.carovana.link.v1.AppArmor;
import dev.carovana.link.v1.Confinement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * AppArmor, as the files say at which CRIU looks too.
 *
 * @param policy where the node's kernel shows it; absent without AppArmor
 * @param processes the node's /proc
 */
record Confinements(Path policy, Path processes) {
    AppArmor ofNode() throws IOException {
        return isEnabled()
                ? AppArmor.newBuilder()
                        .setEnabled(true)
                        .addAllProfiles(Files.readAllLines(policy.resolve("profiles")))
                        .setUnixSockets(Files.exists(policy.resolve("features/network_v9/af_unix")))
                        .build()
                : AppArmor.getDefaultInstance();
    }

    List<Confinement> ofContainers(Map<String, List<Long>> pids) {
        List<Confinement> all = new ArrayList<>();
        if (isEnabled()) { // else what a process says is another security module's
            pids.forEach((container, list) -> profiles(list)
                    .forEach(profile -> all.add(Confinement.newBuilder()
                            .setContainer(container)
                            .setProfile(profile)
                            .build())));
        }
        return all;
    }

    private SortedSet<String> profiles(List<Long> pids) {
        SortedSet<String> profiles = new TreeSet<>();
        for (long pid : pids) {
            Path attributes = processes.resolve(pid + "/attr");
            Path own = attributes.resolve("apparmor/current"); // newer kernels have it
            try {
                profiles.add(Files.readString(Files.exists(own) ? own : attributes.resolve("current"))
                        .strip());
            } catch (IOException e) {
                continue; // it has just ended
            }
        }
        return profiles;
    }

    private boolean isEnabled() {
        return Files.exists(policy);
    }
}
