// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.Agents.PreflightAnswer;
import dev.carovana.link.v1.Facts;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.model.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelRulesTest {
    private static List<Reason> check(String kernel, String... guarded) {
        PreflightResult source =
                PreflightResult.newBuilder().addAllGuarded(List.of(guarded)).build();
        Facts facts = Facts.newBuilder().setKernel(kernel).build();
        return KernelRules.check(
                new PreflightAnswer("edge-a", "edge-a-1", source), SiteRulesTest.agent("edge-b", facts));
    }

    @ParameterizedTest
    @CsvSource({
        "5.15.0-122-generic, 1",
        "6.12.107+deb13-cloud-amd64, 1",
        "6.13.0, 0",
        "6.13-rc1, 0",
        "7.2.13+deb14-cloud-amd64, 0",
        "'', 0"
    })
    void anOlderKernelHasNoGuardPages(String kernel, int reasons) {
        assertThat(check(kernel, "redis")).hasSize(reasons);
        assertThat(check(kernel)).isEmpty();
    }

    @Test
    void theMessageNamesContainerAndNode() {
        assertThat(check("6.12.1", "cart", "redis"))
                .extracting(Reason::message)
                .satisfiesExactly(
                        cart -> assertThat(cart).contains("container cart", "6.13", "site edge-b", "6.12.1"),
                        redis -> assertThat(redis).contains("container redis"));
    }
}
