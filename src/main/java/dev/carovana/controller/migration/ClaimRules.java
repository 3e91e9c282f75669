// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.kubernetes.ClaimMount;
import dev.carovana.link.v1.Claim;
import dev.carovana.model.Reason;
import dev.carovana.model.VolumeContract;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which volumes with a PersistentVolumeClaim move: those that both sites share stay where they are, others are sent if the
 * function says so. Pure. See docs/adr/0038.
 */
final class ClaimRules {
    private static final String CODE = "PersistentVolumeClaim";
    private static final String SEND = "SendVolumes";
    private static final String SHARED = "ReadWriteMany";
    private static final String SHARED_READ_ONLY = "ReadOnlyMany";

    private ClaimRules() {}

    /** The claims that both sites are asked about. */
    static List<String> claims(Pod pod) {
        return volumes(pod).stream().map(ClaimRules::claim).distinct().toList();
    }

    /** What the function asks for and cannot be. */
    static List<Reason> checkSent(Pod pod, VolumeContract contract, boolean within) {
        List<Reason> reasons = new ArrayList<>();
        for (String name : contract.sent()) {
            if (volumes(pod).stream().noneMatch(volume -> volume.getName().equals(name))) {
                reasons.add(new Reason(
                        SEND,
                        "annotation " + VolumeContract.SEND + " names '" + name
                                + "', expected a volume of the pod with a persistentVolumeClaim"));
            } else if (within) {
                reasons.add(new Reason(
                        SEND,
                        "spec.volumes[" + name
                                + "] is sent to the claim of the same name, expected another site: within one"
                                + " it is the same claim"));
            }
        }
        for (ClaimMount mount : ClaimMount.of(pod.getSpec())) {
            if (contract.sent().contains(mount.volume()) && !mount.whole()) {
                reasons.add(new Reason(
                        SEND,
                        "container " + mount.container() + " has a part of volume " + mount.volume() + " at "
                                + mount.path() + " (subPath), expected all of it: parts are not sent"));
            }
        }
        return reasons;
    }

    /** What is against a site's claims, wherever in it the pod is or comes to. */
    static List<Reason> check(Pod pod, VolumeContract contract, String site, List<Claim> claims) {
        List<Reason> reasons = new ArrayList<>();
        for (Volume volume : volumes(pod)) {
            Optional<Claim> found = claims.stream()
                    .filter(claim -> claim.getName().equals(claim(volume)))
                    .findFirst();
            String what = "spec.volumes[" + volume.getName() + "]: claim '" + claim(volume) + "' ";
            if (found.isEmpty()) {
                reasons.add(new Reason(
                        CODE,
                        what + "is not there at site " + site + ", expected one in namespace "
                                + pod.getMetadata().getNamespace()));
            } else {
                problem(found.get(), isWritten(pod, volume), contract.sent().contains(volume.getName()))
                        .map(problem -> new Reason(CODE, what + "at site " + site + " is " + problem))
                        .ifPresent(reasons::add);
            }
        }
        return reasons;
    }

    private static Optional<String> problem(Claim claim, boolean written, boolean sent) {
        List<String> modes = claim.getAccessModesList();
        if (!claim.getBound() && !(sent && claim.getAwaitsPod())) {
            return Optional.of("not bound, expected Bound");
        }
        if (!sent) {
            return modes.contains(SHARED) || modes.contains(SHARED_READ_ONLY) && !written
                    ? Optional.empty()
                    : Optional.of(modes
                            + ", expected ReadWriteMany, or ReadOnlyMany with readOnly: true, and the same at both"
                            + " sites; or name the volume in the function's annotation " + VolumeContract.SEND
                            + ": its content is sent then");
        }
        return claim.getUsedByCount() == 0
                ? Optional.empty()
                : Optional.of("used by pod " + String.join(", ", claim.getUsedByList())
                        + " too, expected by none: the volume is sent, and what is there is replaced");
    }

    /** What is sent must be allowed, and find room. */
    static List<Reason> checkSize(Pod pod, VolumeContract contract, long bytes, List<Claim> there) {
        List<Reason> reasons = new ArrayList<>();
        if (bytes > contract.limit()) {
            reasons.add(new Reason(
                    "SendVolumesLimit",
                    "volumes " + contract.sent() + " have " + mebibytes(bytes) + ", annotation "
                            + VolumeContract.SEND_LIMIT + " allows " + mebibytes(contract.limit())));
        }
        List<String> sent = volumes(pod).stream()
                .filter(volume -> contract.sent().contains(volume.getName()))
                .map(ClaimRules::claim)
                .toList();
        long room = there.stream()
                .filter(claim -> sent.contains(claim.getName()) && claim.getBound())
                .mapToLong(Claim::getCapacityBytes)
                .sum();
        if (there.stream().filter(claim -> sent.contains(claim.getName())).allMatch(Claim::getBound) && bytes > room) {
            reasons.add(new Reason(
                    CODE,
                    "volumes " + contract.sent() + " have " + mebibytes(bytes) + ", their claims at the destination "
                            + mebibytes(room)));
        }
        return reasons;
    }

    private static boolean isWritten(Pod pod, Volume volume) {
        return ClaimMount.of(pod.getSpec()).stream()
                .anyMatch(mount -> mount.volume().equals(volume.getName()) && !mount.readOnly());
    }

    private static List<Volume> volumes(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .filter(volume -> volume.getPersistentVolumeClaim() != null)
                .toList();
    }

    private static String claim(Volume volume) {
        return volume.getPersistentVolumeClaim().getClaimName();
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
