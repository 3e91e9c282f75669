// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.VolumeContract;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Functions with PersistentVolumeClaims. A folder that all nodes of the lab have stands for an NFS server. */
class VolumesE2E {
    private static final String NAME = "with-claims";
    private static final List<String> EDGES = List.of("edge-a", "edge-b");
    /** Of the machine's disk, in each node another one. */
    private static final String DISK = "/lab/site/e2e-";

    private static final String SHARED = "/lab/shared/e2e-";

    /** A volume of the site, and the claim of the same name that is bound to it. */
    private static void volume(String site, String claim, String mode, String path) {
        Lab.node(site, "mkdir", "-p", path);
        PersistentVolumeBuilder volume = new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(claim)
                .endMetadata()
                .withNewSpec()
                .addToCapacity("storage", new Quantity("1Gi"))
                .withAccessModes(mode)
                .withStorageClassName("")
                .withPersistentVolumeReclaimPolicy("Retain")
                .withNewClaimRef()
                .withNamespace(Lab.NAMESPACE)
                .withName(claim)
                .endClaimRef()
                .endSpec();
        if (site.equals("edge-a")) {
            volume.editSpec()
                    .withNewLocal()
                    .withPath(path)
                    .endLocal()
                    .withNewNodeAffinity()
                    .withNewRequired()
                    .addNewNodeSelectorTerm()
                    .addNewMatchExpression()
                    .withKey("kubernetes.io/os")
                    .withOperator("In")
                    .withValues("linux")
                    .endMatchExpression()
                    .endNodeSelectorTerm()
                    .endRequired()
                    .endNodeAffinity()
                    .endSpec();
        } else {
            volume.editSpec().withNewHostPath(path, "").endSpec();
        }
        Lab.cluster(site).resource(volume.build()).create();
        Lab.cluster(site)
                .resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName(claim)
                        .withNamespace(Lab.NAMESPACE)
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes(mode)
                        .withStorageClassName("")
                        .withVolumeName(claim)
                        .withNewResources()
                        .addToRequests("storage", new Quantity("1Gi"))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        Lab.cluster(site)
                .persistentVolumeClaims()
                .inNamespace(Lab.NAMESPACE)
                .withName(claim)
                .waitUntilCondition(c -> "Bound".equals(c.getStatus().getPhase()), 60, TimeUnit.SECONDS);
    }

    /** The cart with volumes whose names are those of their claims. */
    private static void function(String... claims) {
        Deployment function = Deployments.withTemplateOf("cart", NAME, "local");
        PodSpecBuilder spec =
                new PodSpecBuilder(function.getSpec().getTemplate().getSpec());
        for (String claim : claims) {
            spec.addNewVolume()
                    .withName(claim)
                    .withNewPersistentVolumeClaim(claim, false)
                    .endVolume()
                    .editFirstContainer()
                    .addNewVolumeMount()
                    .withName(claim)
                    .withMountPath("/" + claim)
                    .endVolumeMount()
                    .endContainer();
        }
        function.getSpec().getTemplate().setSpec(spec.build());
        Lab.hub().resource(function).create();
    }

    @AfterEach
    void takeAway() {
        Deployments.get(NAME).delete();
        Instances.instance(NAME).waitUntilCondition(i -> i == null, 60, TimeUnit.SECONDS);
        for (String site : Lab.SITES) {
            for (String claim : List.of("shared", "data", "apart")) {
                Lab.cluster(site)
                        .persistentVolumeClaims()
                        .inNamespace(Lab.NAMESPACE)
                        .withName(claim)
                        .delete();
                Lab.cluster(site).persistentVolumes().withName(claim).delete();
            }
            Lab.node(site, "sh", "-c", "rm -rf " + DISK + "* " + SHARED + "*");
        }
        for (String site : Lab.SITES) {
            Lab.cluster(site)
                    .persistentVolumeClaims()
                    .inNamespace(Lab.NAMESPACE)
                    .informOnCondition(List::isEmpty)
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
        }
    }

    @Test
    void whatIsSharedStaysAndWhatIsNotIsSent() throws Exception {
        volume("hub", "shared", "ReadWriteMany", DISK + "shared");
        volume("hub", "data", "ReadWriteMany", DISK + "data");
        for (String site : EDGES) {
            volume(site, "shared", "ReadWriteMany", SHARED + "shared");
            volume(site, "data", "ReadWriteOnce", DISK + "data");
        }
        function("shared", "data");
        Instances.start(NAME, NAME, "edge-a");
        inCart("echo before >/data/log; mkdir /data/old; echo old >/data/old/file; cp -a /data/log /shared/log");
        // which writes, and takes a lock and gives it back, when it is told to
        inCart(
                "setsid sh -c 'trap \"echo $$ >&3; echo $$ >&4\" USR1; trap \"flock 5; : >/scratch/locked\" USR2; trap \"flock -u 5\" HUP;"
                        + " echo $$ >/scratch/writer; while :; do sleep 1; done'"
                        + " 3>>/shared/log 4>>/data/log 5>/shared/lock >/dev/null 2>&1 & until [ -s /scratch/writer ]; do :; done");
        assertThat(Instances.mayMove(NAME, "edge-b"))
                .as("data is ReadWriteOnce")
                .isFalse();
        Deployments.annotate(NAME, VolumeContract.SEND, "data");
        Awaiting.until("it may be sent", () -> Instances.mayMove(NAME, "edge-b"));
        String writer = inCart("cat /scratch/writer").strip();
        inCart("kill -USR2 " + writer + "; until [ -e /scratch/locked ]; do :; done");
        assertThat(Instances.mayMove(NAME, "edge-b"))
                .as("a lock in a shared volume")
                .isFalse();
        inCart("kill -HUP " + writer);
        Awaiting.until("it is gone", () -> Instances.mayMove(NAME, "edge-b"));

        Instances.move(NAME, "edge-b");

        String told = "before\n" + writer + "\n";
        inCart("kill -USR1 " + writer + "; until grep -q " + writer + " /data/log; do :; done");
        assertThat(inCart("cat /data/log")).isEqualTo(told);
        assertThat(Lab.node("edge-b", "cat", DISK + "data/log")).isEqualTo(told);
        assertThat(Lab.node("edge-a", "cat", DISK + "data/log"))
                .as("the copy that was left")
                .isEqualTo("before\n");
        assertThat(Lab.node("edge-a", "cat", SHARED + "shared/log")).isEqualTo(told);
        assertThat(Lab.node("edge-a", "ls", "-A", SHARED + "shared"))
                .as("nothing of ours is left")
                .isEqualTo("lock\nlog\n");

        inCart("rm -r /data/old; echo more >>/data/log");
        Instances.move(NAME, "edge-a");

        assertThat(inCart("cat /data/log; ls /data")).isEqualTo(told + "more\nlog\n");
        inCart("kill -USR1 " + writer + "; until [ $(grep -c " + writer + " /data/log) = 2 ]; do :; done");
        assertThat(Lab.node("edge-b", "cat", SHARED + "shared/log"))
                .isEqualTo("before\n" + writer + "\n" + writer + "\n");
    }

    @Test
    void anotherVolumeIsNeitherTakenForTheSameNorReplaced() throws Exception {
        for (String claim : List.of("apart", "data")) {
            volume("hub", claim, "ReadWriteMany", DISK + claim);
            volume("edge-a", claim, "ReadWriteMany", DISK + claim);
        }
        volume("edge-b", "data", "ReadWriteMany", DISK + "data");
        function("apart", "data");
        Deployments.annotate(NAME, VolumeContract.SEND, "data");
        Instances.start(NAME, NAME, "edge-a");
        assertThat(Instances.mayMove(NAME, "edge-b")).as("no claim is there").isFalse();
        volume("edge-b", "apart", "ReadWriteMany", DISK + "apart");

        assertThat(endOfMove()).as("two volumes with claims of one name").isEqualTo("VolumeNotShared");

        Lab.node("edge-b", "sh", "-c", "echo somebody >" + DISK + "data/file");
        Deployments.annotate(NAME, VolumeContract.SEND, "apart,data");
        assertThat(endOfMove()).as("somebody's files").isEqualTo("VolumeNotEmpty");
        assertThat(Lab.node("edge-b", "cat", DISK + "data/file")).isEqualTo("somebody\n");
        assertThat(inCart("ls -A /apart")).isEmpty();

        Lab.node("edge-b", "rm", DISK + "data/file");
        Instances.wish(NAME, "edge-a");
        Instances.move(NAME, "edge-b");
    }

    /** Why a move to edge-b was given up before the freeze. */
    private static String endOfMove() {
        Instances.wish(NAME, "edge-a");
        Migration migration = Instances.finished(Instances.requestMove(NAME, "edge-b"));
        assertThat(migration.getStatus().phase()).isEqualTo(MigrationPhase.RolledBack);
        assertThat(migration.getStatus().containers()).isNullOrEmpty();
        return migration.getStatus().reason();
    }

    private static String inCart(String script) {
        return Instances.inContainer(NAME, "cart", script);
    }
}
