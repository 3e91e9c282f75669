// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.agent.journal.DestinationRecord;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.source.Sources;
import dev.carovana.api.KubernetesApi;
import dev.carovana.api.SlowApi;
import dev.carovana.api.SlowApi.Mode;
import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.link.v1.Abort;
import dev.carovana.link.v1.Claim;
import dev.carovana.link.v1.PodAddress;
import dev.carovana.link.v1.PodRef;
import dev.carovana.link.v1.Prepare;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.Verdict;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatusBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pods of a node, at a real API server. */
@Timeout(60)
class PodsIT {
    private static final String NODE = "node-1";
    private static final KubernetesApi API = new KubernetesApi();
    private static Map<String, String> settings;

    private final List<PodAddress> told = new CopyOnWriteArrayList<>();
    private SlowApi slow;
    private KubernetesClient direct;
    private KubernetesClient client;
    private Pods pods;

    @BeforeAll
    static void startApi() {
        settings = API.start();
    }

    @AfterAll
    static void stopApi() {
        API.stop();
    }

    @BeforeEach
    void follow() throws IOException {
        String server = settings.get("quarkus.kubernetes-client.api-server-url");
        slow = new SlowApi(server);
        slow.become(Mode.OPEN);
        direct = client(server);
        client = client(slow.url());
        pods = new Pods(client, NODE, pod -> {}, pod -> {}, told::add);
        pods.start().toCompletableFuture().join();
    }

    @AfterEach
    void end() throws IOException {
        pods.close();
        client.close();
        direct.pods().inNamespace("default").withGracePeriod(0).delete();
        direct.close();
        slow.close();
    }

    @Test
    void aServiceAccountIsLackingOnlyIfTheClusterSaysSo() throws IOException {
        direct.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName("robot")
                        .endMetadata()
                        .build())
                .create();

        assertThat(pods.lacksServiceAccount("default", "robot")).isFalse();
        assertThat(pods.lacksServiceAccount("default", "nobody")).isTrue();
        slow.become(Mode.REFUSING);
        assertThat(pods.lacksServiceAccount("default", "nobody")).isFalse();
    }

    @Test
    void aClaimIsToldAsTheClusterHasIt() throws IOException {
        direct.resource(new StorageClassBuilder()
                        .withNewMetadata()
                        .withName("later")
                        .endMetadata()
                        .withProvisioner("none")
                        .withVolumeBindingMode("WaitForFirstConsumer")
                        .build())
                .create();
        PersistentVolumeClaim bound = claim("bound", "").create();
        bound.setStatus(new PersistentVolumeClaimStatusBuilder()
                .withPhase("Bound")
                .withAccessModes("ReadWriteOnce", "ReadOnlyMany")
                .addToCapacity("storage", new Quantity("2Gi"))
                .build());
        direct.resource(bound).updateStatus();
        claim("new", "later").create();
        claim("waiting", "").create();
        for (String pod : List.of("own-1", "other-1", "ended-1")) {
            direct.resource(new PodBuilder()
                            .withNewMetadata()
                            .withName(pod)
                            .withNamespace("default")
                            .endMetadata()
                            .withNewSpec()
                            .addNewContainer()
                            .withName("main")
                            .withImage("x")
                            .endContainer()
                            .addNewVolume()
                            .withName("v")
                            .withNewPersistentVolumeClaim("bound", false)
                            .endVolume()
                            .endSpec()
                            .build())
                    .create();
        }
        direct.pods().inNamespace("default").withName("ended-1").editStatus(pod -> new PodBuilder(pod)
                .editOrNewStatus()
                .withPhase("Succeeded")
                .endStatus()
                .build());

        assertThat(pods.claims("default", List.of("bound", "new", "waiting", "none"), "own-1"))
                .containsExactly(
                        Claim.newBuilder()
                                .setName("bound")
                                .setBound(true)
                                .addAllAccessModes(List.of("ReadWriteOnce", "ReadOnlyMany"))
                                .setCapacityBytes(2L << 30)
                                .addUsedBy("other-1")
                                .build(),
                        Claim.newBuilder()
                                .setName("new")
                                .setAwaitsPod(true)
                                .addAccessModes("ReadWriteMany")
                                .build(),
                        Claim.newBuilder()
                                .setName("waiting")
                                .addAccessModes("ReadWriteMany")
                                .build());
        slow.become(Mode.REFUSING);
        assertThat(pods.claims("default", List.of("bound"), "")).isEmpty();
        assertThat(pods.claims("default", List.of(), "")).isEmpty();
    }

    private Resource<PersistentVolumeClaim> claim(String name, String storageClass) {
        return direct.resource(new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withStorageClassName(storageClass)
                .withAccessModes("ReadWriteMany")
                .withNewResources()
                .addToRequests("storage", new Quantity("1Gi"))
                .endResources()
                .endSpec()
                .build());
    }

    private static KubernetesClient client(String url) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(KubernetesApi.config(settings))
                        .withMasterUrl(url)
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    private PodResource pod(String name, Map<String, String> labels, String node) {
        direct.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("default")
                        .withLabels(labels)
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(node)
                        .addNewContainer()
                        .withName("main")
                        .withImage("registry.example/main:1")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        return direct.pods().inNamespace("default").withName(name);
    }

    private static void address(PodResource pod, String address) {
        pod.editStatus(p ->
                new PodBuilder(p).editStatus().withPodIP(address).endStatus().build());
    }

    @Test
    void saysWhereThePodsOfInstancesOfItsNodeAre() {
        address(pod("other-node", Map.of(Carovana.INSTANCE_LABEL, "other"), "node-2"), "10.244.2.9");
        address(pod("no-instance", Map.of(), NODE), "10.244.1.9");
        PodResource pod = pod("cart-1", Map.of(Carovana.INSTANCE_LABEL, "cart"), NODE);

        address(pod, "10.244.1.5");
        PodAddress there = PodAddress.newBuilder()
                .setNamespace("default")
                .setName("cart-1")
                .setInstance("cart")
                .setAddress("10.244.1.5")
                .build();
        await().until(() -> told.contains(there));
        assertThat(pods.addresses()).containsExactly(there);

        pod.withGracePeriod(0).delete();
        await().until(() ->
                told.getLast().equals(there.toBuilder().setAddress("").build()));
        assertThat(pods.addresses()).isEmpty();
        assertThat(told).extracting(PodAddress::getInstance).containsOnly("cart");
    }

    @Test
    void thatAPodIsRestoredIsSaidWhenTheServerIsBack() {
        PodResource pod = pod("cart-2", Map.of(), NODE);
        slow.become(Mode.REFUSING);
        Thread saying = Thread.startVirtualThread(() -> pods.restored(DestinationRecord.of(
                Prepare.newBuilder()
                        .setPod(PodRef.newBuilder().setNamespace("default").setName("cart-2"))
                        .build(),
                1)));
        await().during(Duration.ofMillis(500)).until(saying::isAlive);

        slow.become(Mode.OPEN);

        await().until(() -> pod.get().getStatus().getConditions().stream()
                .anyMatch(c -> c.getType().equals(Carovana.RESTORED_GATE)
                        && c.getStatus().equals("True")));
        await().until(() -> !saying.isAlive());
    }

    /** It was restarted, or the pod made anew: that the pod runs does not mean that it has never stopped. */
    @Test
    void aSourceOfWhichTheNodeHasLostTheRecordIsLost(@TempDir Path run) throws IOException {
        pod("cart-3", Map.of(), NODE);
        await().until(() -> pods.find("default", "cart-3").isPresent());
        RecordedReports reports = new RecordedReports();
        Journal journal = new Journal(run);
        Sources sources = new Sources(Settings.of(Map.of()), new Node(run, List.of()), journal, reports, null, pods);
        PodRef ref =
                PodRef.newBuilder().setNamespace("default").setName("cart-3").build();

        sources.abort(Abort.newBuilder().setMigration("m-1").setPod(ref).build());
        assertThat(said(reports)).isEqualTo(Step.LOST);
        assertThat(reports.all().getLast().report().getReason()).isEqualTo("RecordLost");
        sources.verdict(Verdict.newBuilder()
                .setMigration("m-2")
                .setPod(ref)
                .setKind(Verdict.Kind.NEVER_RESUMED)
                .build());
        assertThat(said(reports)).isEqualTo(Step.LOST);
        sources.verdict(Verdict.newBuilder()
                .setMigration("m-3")
                .setPod(ref)
                .setKind(Verdict.Kind.RESTORED)
                .build());
        assertThat(said(reports)).isEqualTo(Step.RELEASED);
        assertThat(journal.readAll()).as("an order that comes late is refused").hasSize(3);

        sources.abort(Abort.newBuilder()
                .setMigration("m-4")
                .setPod(ref.toBuilder().setName("of-another-node"))
                .build());
        assertThat(reports.all()).hasSize(3);
    }

    private static Step said(RecordedReports reports) {
        return reports.all().getLast().report().getStep();
    }

    @Test
    void aPodIsSettledWhenItsMarkIsEmpty() {
        PodResource pod = pod("cart-4", Map.of(), NODE);
        String uid = pod.get().getMetadata().getUid();
        assertThat(pods.isSettled(uid)).isFalse();
        pod.edit(p -> new PodBuilder(p)
                .editMetadata()
                .addToAnnotations(Carovana.MIGRATION_ANNOTATION, "m-1")
                .endMetadata()
                .build());
        await().until(() -> pods.find("default", "cart-4")
                .filter(p -> p.getMetadata().getAnnotations() != null)
                .isPresent());
        assertThat(pods.isSettled(uid)).isFalse();

        pod.edit(p -> new PodBuilder(p)
                .editMetadata()
                .addToAnnotations(Carovana.MIGRATION_ANNOTATION, "")
                .endMetadata()
                .build());
        await().until(() -> pods.isSettled(uid));
    }
}
