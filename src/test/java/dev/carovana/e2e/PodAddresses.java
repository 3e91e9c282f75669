// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The addresses that pods get from the nodes' host-local plugin, which gives one after another. */
final class PodAddresses {
    private static final String GIVEN = "/var/lib/cni/networks/lab/";
    private static final String LAST = GIVEN + "last_reserved_ip.0";

    private PodAddresses() {}

    /**
     * Lets the next pods of some sites have the same address, and gives it: one that none of these sites' pods has, or has had a
     * moment ago, for neighbours remember an address for longer than its pod is there.
     */
    static String sameForTheNextPodsAt(String... sites) {
        List<String> last = Stream.of(sites)
                .map(site -> Lab.node(site, "cat", LAST).strip())
                .toList();
        Set<String> networks = last.stream().map(PodAddresses::network).collect(toSet());
        assertThat(networks)
                .as("networks of the sites' pods; CAROVANA_LAB_NETWORK=routed lab/up gives each its own")
                .hasSize(1);
        String network = networks.iterator().next();
        Set<String> taken = Stream.of(sites)
                .flatMap(site -> Lab.node(site, "ls", GIVEN).lines())
                .collect(toSet());
        int latest = last.stream()
                .mapToInt(address -> Integer.parseInt(address.substring(network.length())))
                .max()
                .orElseThrow();
        int free = IntStream.concat(IntStream.range(latest + 1, 254), IntStream.range(2, 254))
                .filter(host -> !taken.contains(network + host))
                .findFirst()
                .orElseThrow();
        for (String site : sites) {
            Lab.node(
                    site,
                    "sh",
                    "-c",
                    "printf %s%d >%s".formatted(network, free - 1, LAST)); // with a line end it is no address
        }
        return network + free;
    }

    private static String network(String address) {
        return address.substring(0, address.lastIndexOf('.') + 1);
    }

    /** The addresses of a site's pods with a label, as the site itself knows them. */
    static List<String> at(String site, String label, String value) {
        return Lab.cluster(site).pods().inNamespace(Lab.NAMESPACE).withLabel(label, value).list().getItems().stream()
                .map(Pod::getStatus)
                .map(PodStatus::getPodIP)
                .toList();
    }
}
