// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.Agents.Agent;
import dev.carovana.link.v1.Facts;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AgentsTest {
    private static final int MANY = 100_000;

    private final Agents agents = new Agents();
    private final Agent agent =
            new Agent("edge-a", "node", "1", "192.0.2.1:9444", Facts.getDefaultInstance(), new Silence());

    private void says(Step step) {
        agents.report(agent, report(step));
    }

    private static Report report(Step step) {
        return Report.newBuilder()
                .setMigration("m")
                .setSide(Side.SOURCE)
                .setStep(step)
                .setPodUid("uid")
                .build();
    }

    private Step known() {
        return agents.said("m", Side.SOURCE).orElseThrow().report().getStep();
    }

    @Test
    void whatComesAfterAnEndWasSaidBeforeIt() {
        says(Step.FREEZING);
        says(Step.THAWED);
        says(Step.FREEZING);

        assertThat(known()).isEqualTo(Step.THAWED);
    }

    @Test
    void doubtIsNoEnd() {
        says(Step.END_SENT);
        says(Step.IN_DOUBT);
        assertThat(known()).isEqualTo(Step.IN_DOUBT);

        says(Step.RELEASED);

        assertThat(known()).isEqualTo(Step.RELEASED);
    }

    @Test
    void anAgentThatConnectsAnewSaysWhatCounts() {
        says(Step.THAWED);

        agents.connect(agent, List.of(report(Step.PRECOPYING)));

        assertThat(known()).isEqualTo(Step.PRECOPYING);
    }

    @Test
    void whatAnAgentThatConnectsAnewDoesNotMentionItHasForgotten() {
        says(Step.THAWED);

        agents.connect(agent, List.of());

        assertThat(agents.said("m", Side.SOURCE)).isEmpty();
        assertThat(agents.spokenOf()).isEmpty();
    }

    @Test
    void whoHasNotSpokenAsADestinationIsUnaware() {
        agents.connect(agent, List.of(report(Step.PRECOPYING)));
        assertThat(agents.unaware("edge-a", "m")).containsExactly(agent);

        agents.report(
                agent,
                report(Step.EXPECTING).toBuilder().setSide(Side.DESTINATION).build());

        assertThat(agents.unaware("edge-a", "m")).isEmpty();
    }

    @Test
    @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aMigrationIsFoundAtOnceAmongManyThatAreSpokenOf() {
        for (int i = 0; i < MANY; i++) {
            agents.report(
                    agent, report(Step.THAWED).toBuilder().setMigration("m" + i).build());
        }

        for (int i = 0; i < MANY; i++) {
            assertThat(agents.said("m" + i, Side.SOURCE)).isPresent();
        }
    }

    private static final class Silence implements StreamObserver<ToAgent> {
        @Override
        public void onNext(ToAgent message) {}

        @Override
        public void onError(Throwable problem) {}

        @Override
        public void onCompleted() {}
    }
}
