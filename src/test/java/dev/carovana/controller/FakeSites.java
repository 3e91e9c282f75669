// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.link.v1.PodRef;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Three edge sites: an agent each, and what runs their pods. */
public final class FakeSites implements AutoCloseable {
    private final KubernetesClient client;
    private final Path certificates;
    private final Copies copies = new Copies();
    private final int controllerPort;
    /** By node. */
    private final Map<String, FakeAgent> agents = new ConcurrentHashMap<>();

    private final FakeKubelet kubelet;

    public FakeSites(KubernetesClient client, String namespace, Path certificates, int controllerPort) {
        this.client = client;
        this.certificates = certificates;
        this.controllerPort = controllerPort;
        HubSites.NAMES.forEach(site -> add(site, nodeOf(site)));
        kubelet = new FakeKubelet(client, namespace, copies, (node, pod) -> Optional.ofNullable(agents.get(node))
                .ifPresent(agent -> agent.podCameUp(pod)));
    }

    /** The node that each site has. */
    static String nodeOf(String site) {
        return "node-of-" + site;
    }

    /** Another node, with an agent that is not connected yet. */
    FakeAgent add(String site, String node) {
        FakeAgent agent = new FakeAgent(site, node, this, certificates.resolve(site), controllerPort);
        agents.put(node, agent);
        return agent;
    }

    void remove(String node) {
        agents.remove(node).close();
    }

    /** The agents say who they are. */
    public void connect() {
        agents.values().forEach(agent -> agent.link().connect());
    }

    FakeAgent agent(String site) {
        return agents.get(nodeOf(site));
    }

    /** By its transfer address, {@code NODE:9444}. */
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

    boolean has(String node, String pod) {
        return kubelet.has(node, pod);
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
