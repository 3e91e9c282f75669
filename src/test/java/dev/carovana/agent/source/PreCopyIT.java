// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.journal.MigrationRecord;
import dev.carovana.agent.journal.SourceStep;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.agent.transfer.TransferServer;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A source that is told to get ready first, and later to hand over. */
@Timeout(60)
class PreCopyIT extends SourceBed {
    private List<Step> told() {
        return reports.all().stream()
                .map(MigrationRecord::report)
                .map(Report::getStep)
                .toList();
    }

    private void assertNeverStopped(String reason) throws IOException {
        assertThawedBeforeHandover(reason);
        assertThat(pod.calls).endsWith("resume").doesNotContain("refuseConnections", "freeze", "dump");
    }

    @Test
    void itGetsReadyAndWaitsForTheHandover() throws Exception {
        destination.welcome = new Messages.Standing(DestinationStep.RECEIVING, "", "", 1 << 20, Map.of());
        Thread moving = ready();

        assertThat(pod.calls).containsExactly("prepare", "files", "processes", "processes");
        assertThat(journal.readAll()).containsExactly(migration.record());
        assertThat(migration.record().step()).isEqualTo(SourceStep.PRECOPIED);
        assertThat(told()).containsExactly(Step.PRECOPYING, Step.PRECOPIED);
        assertThat(fence()).doesNotExist();

        assertThat(migration.handOver(order(0))).isTrue();
        moving.join();

        assertReleased();
        assertThat(pod.calls)
                .containsExactly(
                        "prepare",
                        "files",
                        "processes",
                        "processes",
                        "refuseConnections",
                        "freeze",
                        "dump",
                        "dump",
                        "release");
        assertThat(destination.ends).hasValue(1);
    }

    @Test
    void anOrderThatComesWhileItGetsReadyIsObeyedAtOnce() throws IOException {
        pod.meanwhile.put("files", () -> migration.handOver(order(0)));
        run();

        assertReleased();
        assertThat(told()).containsExactly(Step.PRECOPYING, Step.RELEASED);
    }

    @Test
    void anOrderThatComesTwiceIsObeyedOnce() throws Exception {
        Thread moving = ready();
        assertThat(migration.handOver(order(0))).isTrue();
        assertThat(migration.handOver(order(0))).isFalse();
        moving.join();

        assertReleased();
        assertThat(migration.handOver(order(0))).isFalse();
    }

    @Test
    void theDeadlineOfTheHandoverIsKept() throws Exception {
        Thread moving = ready();
        migration.handOver(order(1));
        moving.join();

        assertThawedBeforeHandover("DeadlineExceeded");
    }

    @Test
    void whoIsAbortedWhileItWaitsIsNotStopped() throws Exception {
        Thread moving = ready();
        migration.abort("nobody wants it any more");
        moving.join();

        assertNeverStopped("Aborted");
        assertThat(migration.record().message()).isEqualTo("nobody wants it any more");
        assertThat(migration.handOver(order(0))).as("too late").isFalse();
    }

    @Test
    void whoWasAbortedBeforeItIsReadyDoesNotWait() throws IOException {
        pod.meanwhile.put("prepare", () -> migration.abort("not wanted"));
        run();

        assertNeverStopped("Aborted");
        assertThat(told()).doesNotContain(Step.PRECOPIED);
    }

    @Test
    void aConnectionThatEndsWhileItWaitsEndsIt() throws Exception {
        Thread moving = ready();
        wire.cut();
        moving.join();

        assertNeverStopped("TransferCut");
    }

    @Test
    void itDoesNotWaitForEver() throws IOException {
        migration = migration(record(), Map.of("carovana.agent.handover-timeout", "200ms"));
        run();

        assertNeverStopped("HandoverTimeout");
    }

    /** Neither end takes the silence of a source that waits for the end of it. */
    @Test
    void theConnectionIsKeptWhileItWaits() throws Exception {
        server.close();
        wire.close();
        Duration stall = Duration.ofMillis(400);
        useServer(TransferServer.start(destinationTls, 0, destination, stall));
        migration = migration(record(), Map.of("carovana.agent.transfer.stall-timeout", stall.toMillis() + "ms"));
        Thread moving = ready();
        await().during(stall.multipliedBy(3)).until(() -> migration.record().step() == SourceStep.PRECOPIED);
        migration.handOver(order(0));
        moving.join();

        assertReleased();
    }

    @Test
    void aContainerThatHasEndedMeanwhileIsNotLost() throws Exception {
        Thread moving = ready();
        pod.running = false;
        pod.complete = false;
        migration.handOver(order(0));
        moving.join();

        assertNeverStopped("ContainerNotRunning");
    }

    @Test
    void anAgentThatStartsAgainWhileItWaitsLosesNothing() throws Exception {
        wire.cut();
        pod.complete = false;
        recoverFrom(SourceStep.PRECOPIED).join();

        assertNeverStopped("AgentRestarted");
        assertThat(migration.handOver(order(0))).as("too late").isFalse();
    }

    @Test
    void aRecordThatCannotBeWrittenDoesNotLetItWait() throws IOException {
        pod.meanwhile.put("files", tmpfs::fill);
        pod.meanwhile.put("resume", tmpfs::makeRoom);
        run();

        assertNeverStopped("TransferFailed");
    }
}
