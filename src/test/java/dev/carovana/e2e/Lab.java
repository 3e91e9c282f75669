// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** The lab's three real clusters, as {@code lab/up} and {@code lab/deploy} leave them. */
final class Lab {
    static final String NAMESPACE = "functions";
    static final String SYSTEM = "carovana-system";
    static final List<String> SITES = List.of("hub", "edge-a", "edge-b");

    private static final Map<String, KubernetesClient> CLIENTS = new ConcurrentHashMap<>();

    private Lab() {}

    static KubernetesClient hub() {
        return cluster("hub");
    }

    static KubernetesClient cluster(String site) {
        return CLIENTS.computeIfAbsent(site, Lab::connect);
    }

    private static KubernetesClient connect(String site) {
        String variable = "KUBECONFIG_" + site.toUpperCase(Locale.ROOT).replace('-', '_');
        String file = Objects.requireNonNull(System.getenv(variable), variable + ": run eval \"$(lab/env)\" first");
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Path.of(file).toFile()))
                .build();
    }

    /** Runs a command inside a site's node and gives what it printed; anything but exit code 0 is an error. */
    static String node(String site, String... command) {
        List<String> line = new ArrayList<>(List.of("lab/node", site));
        line.addAll(List.of(command));
        return run(line);
    }

    static String run(List<String> command) {
        try {
            Path output = Files.createTempFile("carovana-e2e", ".out");
            try {
                int code = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start()
                        .waitFor();
                String text = Files.readString(output);
                if (code != 0) {
                    throw new IllegalStateException(String.join(" ", command) + " ended with " + code + ": " + text);
                }
                return text;
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new IllegalStateException(String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The agent's pod at a site. */
    static Pod agent(String site) {
        return cluster(site)
                .pods()
                .inNamespace(SYSTEM)
                .withLabel("app.kubernetes.io/component", "agent")
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no agent at " + site));
    }

    /** Kills a site's agent with SIGKILL; it is started again. */
    static void killAgent(String site) {
        killApplication(site, agent(site));
    }

    /** Kills the controller with SIGKILL; it is started again. */
    static void killController() {
        killApplication(
                "hub",
                hub().pods()
                        .inNamespace(SYSTEM)
                        .withLabel("app.kubernetes.io/component", "controller")
                        .list()
                        .getItems()
                        .getFirst());
    }

    /** Kills a site's gateway with SIGKILL; it is started again. */
    static void killGateway(String site) {
        killApplication(
                site,
                cluster(site)
                        .pods()
                        .inNamespace(SYSTEM)
                        .withLabel("app.kubernetes.io/component", "gateway")
                        .list()
                        .getItems()
                        .getFirst());
    }

    static String controllerLog() {
        return hub().apps()
                .deployments()
                .inNamespace("carovana-system")
                .withName("carovana-controller")
                .getLog();
    }

    /** Kills an agent with all that belongs to its container; kubelet starts it again. */
    static void killAgentsContainer(String site) {
        node(site, "sh", "-c", "kill -KILL " + first(agent(site)));
    }

    /** Kills the Java process, a child of the container's first one. */
    private static void killApplication(String site, Pod pod) {
        node(site, "sh", "-c", "kill -KILL $(cat /proc/%1$s/task/%1$s/children)".formatted(first(pod)));
    }

    /** Shell words for the id of a container's first process in its node. */
    private static String first(Pod pod) {
        String id = pod.getStatus()
                .getContainerStatuses()
                .getFirst()
                .getContainerID()
                .replaceFirst("^containerd://", "");
        return "$(cat /run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/init.pid)";
    }

    /**
     * What a site holds of instances: pods, held containers, records and images, shields. Empty means that nothing was
     * left behind.
     */
    static List<String> leftovers(String site, String instance) {
        List<String> found = new ArrayList<>();
        cluster(site).pods().inNamespace(NAMESPACE).list().getItems().stream()
                .map(pod -> pod.getMetadata().getName())
                .filter(name -> name.startsWith(instance + "-"))
                .forEach(name -> found.add("pod " + name));
        node(site, "sh", "-c", "find /run/carovana/migrations -mindepth 1 -maxdepth 1 2>/dev/null || true")
                .lines()
                .forEach(path -> found.add("migration record " + path));
        node(
                        site,
                        "sh",
                        "-c",
                        "grep -LE '\"state\": *\"resumed\"' /run/carovana/pods/*/*.json 2>/dev/null; ls /run/carovana/pods/*/fenced 2>/dev/null; true")
                .lines()
                .forEach(record -> found.add("held container or fence " + record));
        node(
                        site,
                        "sh",
                        "-c",
                        "for id in $(ps -eo args | sed -n 's/^carovana-runc carovana-hold //p'); do [ -e /run/carovana/containers/$id ] || echo $id; done")
                .lines()
                .forEach(id -> found.add("holder without a record of container " + id));
        node(
                        site,
                        "sh",
                        "-c",
                        "for n in /run/netns/*; do [ -e $n ] && nsenter --net=$n nft list tables 2>/dev/null | grep carovana; done; true")
                .lines()
                .forEach(table -> found.add("shield " + table));
        return found;
    }
}
