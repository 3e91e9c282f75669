// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.link.v1.PodRef;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Three edge sites: an agent each, and what runs their pods. */
public final class FakeSites implements AutoCloseable {
    private final KubernetesClient client;
    private final Copies copies = new Copies();
    private final Map<String, FakeAgent> agents;
    private final FakeKubelet kubelet;

    public FakeSites(KubernetesClient client, String namespace, Path certificates, int controllerPort) {
        this.client = client;
        agents = Map.of(
                "edge-a", new FakeAgent("edge-a", this, certificates.resolve("edge-a"), controllerPort),
                "edge-b", new FakeAgent("edge-b", this, certificates.resolve("edge-b"), controllerPort),
                "edge-c", new FakeAgent("edge-c", this, certificates.resolve("edge-c"), controllerPort));
        kubelet = new FakeKubelet(
                client, namespace, copies, (site, pod) -> agents.get(site).podCameUp(pod));
    }

    /** The agents say who they are. */
    public void connect() {
        agents.values().forEach(agent -> agent.link().connect());
    }

    FakeAgent agent(String site) {
        return agents.get(site);
    }

    /** By its transfer address, {@code SITE:9444}. */
    FakeAgent at(String address) {
        return agents.get(address.substring(0, address.indexOf(':')));
    }

    List<FakeAgent> all() {
        return List.copyOf(agents.values());
    }

    FakeKubelet kubelet() {
        return kubelet;
    }

    Copies copies() {
        return copies;
    }

    boolean has(String site, String pod) {
        return kubelet.has(site, pod);
    }

    void restored(PodRef ref) {
        Pod pod = client.pods()
                .inNamespace(ref.getNamespace())
                .withName(ref.getName())
                .get();
        if (pod != null) {
            kubelet.restored(pod);
        }
    }

    @Override
    public void close() {
        agents.values().forEach(FakeAgent::close);
        kubelet.close();
    }
}
