// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.controller.instance.MigrationRequests;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Instances and migrations in the lab, driven through the hub's API as an administrator would. */
final class Instances {
    static final Duration START = Duration.ofSeconds(120);
    static final Duration MOVE = Duration.ofSeconds(120);

    private Instances() {}

    /** Starts an instance of a Deployment and waits until it runs. */
    static FunctionInstance start(String name, String deployment, String site) {
        return start(name, ofDeployment(deployment), site);
    }

    static FunctionRef ofDeployment(String name) {
        return new FunctionRef("apps/v1", "Deployment", name);
    }

    /** Starts an instance of a function and waits until it runs. */
    static FunctionInstance start(String name, FunctionRef function, String site) {
        create(name, function, site);
        return await(name, i -> running(i, site), START);
    }

    /** Asks for an instance of a function. */
    static void create(String name, FunctionRef function, String site) {
        FunctionInstance wanted = new FunctionInstance();
        wanted.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(Lab.NAMESPACE)
                .build());
        wanted.setSpec(new FunctionInstanceSpec(function, userOf(name), site));
        Lab.hub().resource(wanted).create();
    }

    /** Whose it is. */
    static String userOf(String name) {
        return "user-" + name;
    }

    /** Writes the wish to move and gives the name of the migration that answers it; {@link #finished} waits for its end. */
    static String requestMove(String name, String site) {
        FunctionInstance asked = wish(name, site);
        return Lab.hub()
                .resources(Migration.class)
                .inNamespace(Lab.NAMESPACE)
                .withLabel(Carovana.INSTANCE_LABEL, name)
                .informOnCondition(all -> all.stream().anyMatch(m -> MigrationRequests.answers(m, asked)))
                .orTimeout(MOVE.toSeconds(), TimeUnit.SECONDS)
                .join()
                .stream()
                .filter(m -> MigrationRequests.answers(m, asked))
                .findFirst()
                .orElseThrow()
                .getMetadata()
                .getName();
    }

    /** Says where the instance should be. */
    static FunctionInstance wish(String name, String site) {
        return instance(name).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"site\":\"" + site + "\"}}");
    }

    /** Moves an instance and waits until it runs at the other site. */
    static Migration move(String name, String site) {
        Migration migration = finished(requestMove(name, site));
        assertThat(migration.getStatus().phase())
                .as(
                        "%s: %s %s",
                        migration.getMetadata().getName(),
                        migration.getStatus().reason(),
                        migration.getStatus().message())
                .isEqualTo(MigrationPhase.Succeeded);
        await(name, i -> running(i, site), MOVE);
        return migration;
    }

    static Migration finished(String migration) {
        return migration(migration)
                .waitUntilCondition(
                        m -> m != null
                                && m.getStatus() != null
                                && m.getStatus().phase() != null
                                && m.getStatus().phase().isFinal(),
                        MOVE.toSeconds(),
                        TimeUnit.SECONDS);
    }

    static Migration reached(String migration, MigrationPhase phase) {
        return migration(migration)
                .waitUntilCondition(
                        m -> m != null && m.getStatus() != null && m.getStatus().phase() == phase,
                        MOVE.toSeconds(),
                        TimeUnit.SECONDS);
    }

    /** Does something as soon as a migration has come to a phase, or further. */
    static void reached(String migration, MigrationPhase phase, Runnable action) {
        migration(migration)
                .waitUntilCondition(
                        m -> m != null
                                && m.getStatus() != null
                                && m.getStatus().phase() != null
                                && m.getStatus().phase().compareTo(phase) >= 0,
                        MOVE.toSeconds(),
                        TimeUnit.SECONDS);
        action.run();
    }

    /**
     * Lets every restore of a cart fail: a process keeps its container's /etc/hosts open, to which it has added a line, and kubelet
     * writes another one at the destination. The instance is at edge-a and has not moved yet.
     */
    static void keepOpenWhatCannotBeRestored(String name) {
        inCart(name, "sh", "-c", "echo 192.0.2.1 more >> /etc/hosts; setsid sleep 600 </etc/hosts >/dev/null 2>&1 &");
    }

    /** What preflight says; false also while the controller does not answer. */
    static boolean mayMove(String instance, String site) throws InterruptedException {
        String question =
                "{\"namespace\":\"%s\",\"instance\":\"%s\",\"to\":\"%s\"}".formatted(Lab.NAMESPACE, instance, site);
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create(System.getenv("CAROVANA_URL") + "/api/v1/migrations:preflight"))
                                    .header("Authorization", "Bearer " + System.getenv("CAROVANA_TOKEN"))
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(question))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 && answer.body().contains("\"ok\":true");
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs a command in the first pod of a cart, at edge-a. */
    static void inCart(String name, String... command) {
        List<String> line = new ArrayList<>(
                List.of("lab/kubectl", "edge-a", "-n", Lab.NAMESPACE, "exec", name + "-1", "-c", "cart", "--"));
        line.addAll(List.of(command));
        Lab.run(line);
    }

    /** Runs a script in a container of the instance, wherever it is. */
    static String inContainer(String name, String container, String script) {
        return Lab.run(List.of(
                "lab/kubectl",
                "hub",
                "-n",
                Lab.NAMESPACE,
                "exec",
                get(name).getStatus().podName(),
                "-c",
                container,
                "--",
                "sh",
                "-c",
                script));
    }

    static FunctionInstance get(String name) {
        return instance(name).require();
    }

    static FunctionInstance await(String name, Predicate<FunctionInstance> condition, Duration limit) {
        return instance(name).waitUntilCondition(condition, limit.toSeconds(), TimeUnit.SECONDS);
    }

    static void delete(String name) {
        instance(name).delete();
        for (String site : Lab.SITES) {
            Lab.cluster(site)
                    .pods()
                    .inNamespace(Lab.NAMESPACE)
                    .withLabel("carovana.dev/instance", name)
                    .waitUntilCondition(pod -> pod == null, 60, TimeUnit.SECONDS);
        }
    }

    static Resource<FunctionInstance> instance(String name) {
        return Lab.hub()
                .resources(FunctionInstance.class)
                .inNamespace(Lab.NAMESPACE)
                .withName(name);
    }

    static Resource<Migration> migration(String name) {
        return Lab.hub().resources(Migration.class).inNamespace(Lab.NAMESPACE).withName(name);
    }

    static boolean running(FunctionInstance instance, String site) {
        return instance != null
                && instance.getStatus() != null
                && instance.getStatus().phase() == FunctionInstanceStatus.Phase.Running
                && site.equals(instance.getStatus().site())
                && instance.getStatus().address() != null;
    }
}
