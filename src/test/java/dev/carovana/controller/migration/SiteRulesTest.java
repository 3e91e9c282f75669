// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.api.v1alpha1.Site;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.link.Agents.Agent;
import dev.carovana.link.v1.Facts;
import dev.carovana.link.v1.ToAgent;
import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SiteRulesTest {
    private static final long MIB = 1 << 20;
    private static final Facts FACTS = Facts.newBuilder()
            .setCriu("4.1")
            .setRunc("1.3")
            .setWrapper("0.1")
            .setArchitecture("amd64")
            .addAllCpuFlags(List.of("sse2", "avx2"))
            .setMemoryAvailableBytes(100 * MIB)
            .setTmpfsAvailableBytes(50 * MIB)
            .build();

    /** Nobody listens. */
    private static final class Silence implements StreamObserver<ToAgent> {
        @Override
        public void onNext(ToAgent message) {}

        @Override
        public void onError(Throwable problem) {}

        @Override
        public void onCompleted() {}
    }

    static Agent agent(String site, Facts facts) {
        return new Agent(site, "node", "0.1", site + ":9444", facts, new Silence());
    }

    private static Site site(Boolean cordoned, SiteSpec.Limits limits) {
        Site site = new Site();
        site.setMetadata(new ObjectMetaBuilder().withName("edge-b").build());
        site.setSpec(new SiteSpec(new SiteSpec.Liqo("edge-b"), null, null, null, limits, cordoned, null, null));
        return site;
    }

    private static List<Reason> check(Site site, List<String> refused, int instances, int migrations) {
        List<Agent> agents = refused == null ? List.of(agent("edge-b", FACTS)) : List.of();
        return SiteRules.check(site, agents, refused == null ? List.of() : refused, instances, migrations);
    }

    @Test
    void aSiteTakesMigrations() {
        assertThat(check(site(null, null), null, 1000, 1000)).isEmpty();
        assertThat(check(site(false, new SiteSpec.Limits(3, 2)), null, 2, 1)).isEmpty();
    }

    @Test
    void aSiteThatTakesNone() {
        assertThat(check(site(true, new SiteSpec.Limits(3, 2)), List.of(), 3, 2))
                .extracting(Reason::message)
                .containsExactly(
                        "site edge-b: spec.cordoned is true",
                        "site edge-b: spec.limits.maxInstances is 3 and 3 are there",
                        "site edge-b: spec.limits.maxMigrations is 2 and 2 are there",
                        "site edge-b: no agent is connected");
    }

    @Test
    void anAgentThatWasSentAwayIsTold() {
        assertThat(check(site(null, null), List.of("agent of node n refused: link protocol 0, expected 1"), 0, 0))
                .containsExactly(new Reason(
                        "AgentRefused", "site edge-b: agent of node n refused: link protocol 0, expected 1"));
    }

    static Stream<Arguments> nodesThatDoNotFit() {
        return Stream.of(
                node("CriuAbsent", f -> f.setCriu(""), "CRIU is not installed"),
                node("RuncAbsent", f -> f.setRunc(""), "runc is not installed"),
                node("WrapperAbsent", f -> f.setWrapper(""), "carovana-runc is not installed"),
                node("Architecture", f -> f.setArchitecture("arm64"), "is arm64, expected amd64"),
                node("CpuFlags", f -> f.clearCpuFlags().addCpuFlags("sse2"), "its CPU lacks avx2"),
                node(
                        "TmpfsFull",
                        f -> f.setTmpfsAvailableBytes(29 * MIB),
                        "29 MiB free on the tmpfs of /run/carovana, expected 30 MiB"),
                node(
                        "MemoryShort",
                        f -> f.setMemoryAvailableBytes(49 * MIB),
                        "49 MiB of memory available, expected 50 MiB"));
    }

    private static Arguments node(String code, UnaryOperator<Facts.Builder> change, String message) {
        return Arguments.of(code, change.apply(FACTS.toBuilder()).build(), message);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nodesThatDoNotFit")
    void aNodeThatDoesNotFit(String code, Facts facts, String message) {
        List<Reason> reasons = SiteRules.check(agent("edge-a", FACTS), agent("edge-b", facts), 20 * MIB, 10 * MIB);

        assertThat(reasons).singleElement().satisfies(reason -> {
            assertThat(reason.code()).isEqualTo(code);
            assertThat(reason.message()).contains("node node of site edge-b", message);
        });
    }

    @Test
    void aNodeWithMoreThanTheSourceFits() {
        Facts more = FACTS.toBuilder().addCpuFlags("avx512f").build();

        assertThat(SiteRules.check(agent("edge-a", FACTS), agent("edge-b", more), 20 * MIB, 10 * MIB))
                .isEmpty();
    }
}
