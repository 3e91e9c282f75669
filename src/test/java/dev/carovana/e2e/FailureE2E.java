// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.controller.Conditions;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.MigrationPhase;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong leaves the user's function running where it was, says why, and leaves nothing behind (R1, R2, R7, R8). */
@Isolated("kills what all sites' functions share")
class FailureE2E {
    private String name = "";
    private Cart.State before = new Cart.State(0, "", "", 0, 0);

    private void start(String instance, String function) throws Exception {
        name = instance;
        Instances.start(instance, function, "edge-a");
        before = new Cart(instance).add("apple");
    }

    @AfterEach
    void removeInstance() {
        Instances.delete(name);
    }

    @Test
    void anImageThatTheDestinationCannotPullRollsBack() throws Exception {
        start("no-image", "cart");
        Lab.node(
                "edge-b",
                "sh",
                "-c",
                "ctr -n k8s.io images ls -q | grep cart | xargs -r -n1 ctr -n k8s.io images rm --sync; "
                        + "nft add table inet test_registry; nft add chain inet test_registry o '{ type filter hook output priority 0; }'; "
                        + "nft add rule inet test_registry o tcp dport 5000 reject with tcp reset");
        try {
            assertRolledBack(Instances.finished(Instances.requestMove(name, "edge-b")), "ImagePull");
        } finally {
            Lab.node("edge-b", "nft", "delete", "table", "inet", "test_registry");
        }
        assertRunsOnUntouched();
    }

    @Test
    void aFullTmpfsAtTheDestinationIsRefusedBeforeAnythingIsTouched() throws Exception {
        start("no-space", "cart");
        Lab.node("edge-b", "sh", "-c", "fallocate -l $(($(stat -f -c '%a * %S' /run) - 4194304)) /run/filler");
        try {
            assertRolledBack(Instances.finished(Instances.requestMove(name, "edge-b")), "Preflight");
        } finally {
            Lab.node("edge-b", "rm", "/run/filler");
        }
        assertRunsOnUntouched();
    }

    @Test
    void aDumpThatFailsThawsTheSource() throws Exception {
        start("no-dump", "cart");
        // CRIU cannot seize a process that somebody traces
        Process tracer = new ProcessBuilder(
                        "lab/node",
                        "edge-a",
                        "python3",
                        "-c",
                        "import ctypes,sys\nctypes.CDLL(None).ptrace(0x4206," + pidOf("edge-a", "cart")
                                + ",0,0)\nprint('traced',flush=True)\nsys.stdin.read()")
                .start();
        try {
            assertThat(tracer.inputReader().readLine()).isEqualTo("traced");
            assertRolledBack(Instances.finished(Instances.requestMove(name, "edge-b")), "DumpFailed");
        } finally {
            tracer.getOutputStream().close();
            tracer.waitFor(10, TimeUnit.SECONDS);
        }
        assertRunsOnUntouched();
    }

    @Test
    void aRestoreThatFailsLetsTheSourceGoOn() throws Exception {
        start("no-restore", "cart");
        Instances.keepOpenWhatCannotBeRestored(name);
        assertRolledBack(Instances.finished(Instances.requestMove(name, "edge-b")), "RestoreFailed");
        assertRunsOnUntouched();
    }

    @Test
    void anUnsupportedPodIsRefusedWithTheReasonAndStartsAnewOnlyIfItsFunctionSaysSo() throws Exception {
        Deployment pinned = createCart("cart-pinned", pod -> pod.getVolumes()
                .add(new VolumeBuilder()
                        .withName("host")
                        .withHostPath(new HostPathVolumeSource("/tmp", ""))
                        .build()));
        try {
            start("unsupported", "cart-pinned");
            Migration refused = Instances.finished(Instances.requestMove(name, "edge-b"));
            assertRolledBack(refused, "Preflight");
            assertThat(refused.getStatus().message()).contains("hostPath").contains("host");
            assertRunsOnUntouched();

            Deployments.annotate("cart-pinned", FunctionContract.ON_FAILURE, "cold-start");
            Instances.wish(name, "edge-b");
            FunctionInstance anew = Instances.await(name, i -> Instances.running(i, "edge-b"), Instances.START);
            assertThat(Conditions.isTrue(anew.getStatus().conditions(), "StateLost"))
                    .isTrue();
            assertThat(Lab.cluster("edge-a")
                            .pods()
                            .inNamespace(Lab.NAMESPACE)
                            .withLabel("carovana.dev/instance", name)
                            .list()
                            .getItems())
                    .as("pods at the site that it has left")
                    .isEmpty();
            assertThat(new Cart(name).get().sequence()).isZero();
        } finally {
            Lab.hub().resource(pinned).delete();
        }
    }

    @Test
    void deletingTheMigrationBeforeTheHandoverAbortsIt() throws Exception {
        start("aborted", "cart");
        String migration = Instances.requestMove(name, "edge-b");
        Instances.reached(migration, MigrationPhase.Preparing);
        Instances.migration(migration).delete();
        Instances.migration(migration).waitUntilCondition(m -> m == null, 60, TimeUnit.SECONDS);
        assertThat(Instances.get(name).getSpec().site())
                .as("the wish is withdrawn")
                .isEqualTo("edge-a");
        assertRunsOnUntouched();
    }

    /** Without a grace period pods are gone from the API server before kubelet has ended their containers. */
    @Test
    void deletingTheInstanceDuringAMoveLeavesNothing() throws Exception {
        Deployment hasty = createCart("cart-hasty", pod -> pod.setTerminationGracePeriodSeconds(0L));
        try {
            start("deleted", "cart-hasty");
            Instances.move(name, "edge-b");
            Instances.move(name, "edge-a"); // leaves a container that was held before
            Instances.reached(Instances.requestMove(name, "edge-b"), MigrationPhase.PreCopying);
            Instances.delete(name);
            for (String site : List.of("edge-a", "edge-b")) {
                Awaiting.until("nothing is left at " + site, () -> Lab.leftovers(site, name)
                        .isEmpty());
            }
        } finally {
            Lab.hub().resource(hasty).delete();
        }
    }

    /** The sample's function under another name, with something changed in its pods. */
    private static Deployment createCart(String name, Consumer<PodSpec> change) {
        Deployment cart = Lab.hub()
                .apps()
                .deployments()
                .inNamespace(Lab.NAMESPACE)
                .withName("cart")
                .require();
        change.accept(cart.getSpec().getTemplate().getSpec());
        Deployment changed = new DeploymentBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withName(name)
                        .withNamespace(Lab.NAMESPACE)
                        .withLabels(cart.getMetadata().getLabels())
                        .build())
                .withSpec(cart.getSpec())
                .build();
        return Lab.hub().resource(changed).create();
    }

    @Test
    void aSecondMigrationOfTheSameInstanceIsRefused() throws Exception {
        start("second", "cart");
        String first = Instances.requestMove(name, "edge-b");
        Instances.reached(first, MigrationPhase.Preparing);
        Migration second = new Migration();
        second.setMetadata(new ObjectMetaBuilder()
                .withName(name + "-99")
                .withNamespace(Lab.NAMESPACE)
                .build());
        second.setSpec(new MigrationSpec(name, "hub", MigrationSpec.Reason.Manual, null, null));
        Lab.hub().resource(second).create();

        Migration refused = Instances.finished(name + "-99");
        assertThat(refused.getStatus().phase()).isEqualTo(MigrationPhase.RolledBack);
        assertThat(refused.getStatus().message()).contains(first);
        assertThat(Instances.finished(first).getStatus().phase()).isEqualTo(MigrationPhase.Succeeded);
    }

    @Test
    void withoutAnAgentAtTheDestinationTheMoveIsRefused() throws Exception {
        start("no-agent", "cart");
        var daemonSet = Lab.cluster("edge-b")
                .apps()
                .daemonSets()
                .inNamespace(Lab.SYSTEM)
                .withName("carovana-agent");
        daemonSet.edit(d -> {
            d.getSpec().getTemplate().getSpec().setNodeSelector(java.util.Map.of("no", "node"));
            return d;
        });
        try {
            Lab.cluster("edge-b")
                    .pods()
                    .inNamespace(Lab.SYSTEM)
                    .withLabel("app.kubernetes.io/component", "agent")
                    .waitUntilCondition(p -> p == null, 60, TimeUnit.SECONDS);
            assertRolledBack(Instances.finished(Instances.requestMove(name, "edge-b")), "Preflight");
            assertRunsOnUntouched();
        } finally {
            daemonSet.edit(d -> {
                d.getSpec().getTemplate().getSpec().setNodeSelector(null);
                return d;
            });
            awaitSiteReady("edge-b");
        }
    }

    /** Who is killed, in which phase. */
    enum Kill {
        CONTROLLER_PREPARING(MigrationPhase.Preparing),
        CONTROLLER_HANDOVER(MigrationPhase.Handover),
        SOURCE_AGENT_PREPARING(MigrationPhase.Preparing),
        SOURCE_AGENT_HANDOVER(MigrationPhase.Handover),
        SOURCE_AGENTS_CONTAINER_HANDOVER(MigrationPhase.Handover),
        DESTINATION_AGENT_PREPARING(MigrationPhase.Preparing),
        DESTINATION_AGENT_HANDOVER(MigrationPhase.Handover);

        private final MigrationPhase phase;

        Kill(MigrationPhase phase) {
            this.phase = phase;
        }

        void strike() {
            switch (this) {
                case CONTROLLER_PREPARING, CONTROLLER_HANDOVER -> Lab.killController();
                case SOURCE_AGENT_PREPARING, SOURCE_AGENT_HANDOVER -> Lab.killAgent("edge-a");
                case SOURCE_AGENTS_CONTAINER_HANDOVER -> Lab.killAgentsContainer("edge-a");
                case DESTINATION_AGENT_PREPARING, DESTINATION_AGENT_HANDOVER -> Lab.killAgent("edge-b");
            }
        }
    }

    /** R8: whoever is killed, the migration ends, and one copy of the instance runs with all its state. */
    @ParameterizedTest
    @EnumSource(Kill.class)
    void whoeverIsKilledTheStateSurvives(Kill kill) throws Exception {
        start("killed-" + kill.ordinal(), "cart");
        String migration = Instances.requestMove(name, "edge-b");
        Instances.reached(migration, kill.phase, kill::strike);

        Migration ended = Instances.finished(migration);
        assertThat(ended.getStatus().phase()).isIn(MigrationPhase.Succeeded, MigrationPhase.RolledBack);
        String site = ended.getStatus().phase() == MigrationPhase.Succeeded ? "edge-b" : "edge-a";
        Instances.wish(name, site);
        Awaiting.until("the cart answers at " + site, () -> answers());
        Cart.State after = new Cart(name).add("pear");
        assertThat(after.process()).isEqualTo(before.process());
        assertThat(after.sequence()).isEqualTo(before.sequence() + 1);
        String other = site.equals("edge-a") ? "edge-b" : "edge-a";
        Awaiting.until(
                "nothing left at " + other, () -> Lab.leftovers(other, name).isEmpty());
        awaitSiteReady("edge-a");
        awaitSiteReady("edge-b");
    }

    private void assertRolledBack(Migration migration, String reason) {
        assertThat(migration.getStatus().phase())
                .as(
                        "%s: %s",
                        migration.getStatus().reason(), migration.getStatus().message())
                .isEqualTo(MigrationPhase.RolledBack);
        assertThat(migration.getStatus().reason()).startsWith(reason);
        assertThat(migration.getStatus().message()).isNotBlank();
        Awaiting.until(
                "an Event tells it too",
                () -> Lab.hub().v1().events().inNamespace(Lab.NAMESPACE).list().getItems().stream()
                        .anyMatch(e -> migration
                                        .getMetadata()
                                        .getName()
                                        .equals(e.getInvolvedObject().getName())
                                && "Warning".equals(e.getType())));
        Instances.wish(name, "edge-a"); // so that it is not tried again
    }

    private void assertRunsOnUntouched() throws Exception {
        FunctionInstance instance = Instances.await(name, i -> i.getStatus().migration() == null, Instances.MOVE);
        assertThat(instance.getStatus().site()).isEqualTo("edge-a");
        Cart.State after = new Cart(name).add("pear");
        assertThat(after.process()).isEqualTo(before.process());
        assertThat(after.sequence()).isEqualTo(before.sequence() + 1);
        assertThat(after.connects()).isEqualTo(before.connects());
        Awaiting.until("nothing left at the destination", () -> Lab.leftovers("edge-b", name)
                .isEmpty());
        Awaiting.until("nothing left at the source", () -> Lab.leftovers("edge-a", name)
                .equals(List.of("pod " + name + "-1")));
    }

    private boolean answers() throws InterruptedException {
        try {
            new Cart(name).get();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static void awaitSiteReady(String site) {
        Lab.hub()
                .resources(dev.carovana.api.v1alpha1.Site.class)
                .withName(site)
                .waitUntilCondition(
                        s -> s.getStatus() != null
                                && s.getStatus().conditions() != null
                                && s.getStatus().conditions().stream()
                                        .anyMatch(c -> c.getType().equals("Ready")
                                                && c.getStatus().equals("True")),
                        90,
                        TimeUnit.SECONDS);
    }

    /** Process id of a container's init in its node. */
    private String pidOf(String site, String container) {
        String id = Lab.cluster(site)
                .pods()
                .inNamespace(Lab.NAMESPACE)
                .withName(name + "-1")
                .require()
                .getStatus()
                .getContainerStatuses()
                .stream()
                .filter(s -> s.getName().equals(container))
                .findFirst()
                .orElseThrow()
                .getContainerID()
                .replaceFirst("^containerd://", "");
        return Lab.node(site, "cat", "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/init.pid")
                .trim();
    }
}
