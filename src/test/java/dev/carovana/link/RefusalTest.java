// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.v1.GatewayHello;
import dev.carovana.link.v1.Hello;
import org.junit.jupiter.api.Test;

class RefusalTest {
    private static final Hello AGENT =
            Hello.newBuilder().setProtocol(1).setSite("edge-a").build();
    private static final GatewayHello GATEWAY = GatewayHello.newBuilder()
            .setProtocol(1)
            .setSite("edge-a")
            .setName("carovana-gateway-1")
            .build();

    @Test
    void anAgentHasItsSitesCertificate() {
        assertThat(LinkService.refusal(AGENT, "edge-a")).isEmpty();
        assertThat(LinkService.refusal(AGENT, "edge-b")).contains("'edge-a'", "'edge-b'");
        assertThat(LinkService.refusal(AGENT, "")).contains("'edge-a'");
    }

    @Test
    void aGatewaysCertificateMakesNoAgent() {
        Hello asSite = AGENT.toBuilder().setSite("gateway.edge-a").build();

        assertThat(LinkService.refusal(AGENT, "gateway.edge-a")).contains("'gateway.edge-a'", "expected");
        assertThat(LinkService.refusal(asSite, "gateway.edge-a")).contains("is a gateway's");
    }

    @Test
    void aGatewayHasACertificateOfItsOwn() {
        assertThat(GatewayLinkService.refusal(GATEWAY, "gateway.edge-a")).isEmpty();
        assertThat(GatewayLinkService.refusal(GATEWAY, "edge-a")).contains("'gateway.edge-a'", "'edge-a'");
        assertThat(GatewayLinkService.refusal(GATEWAY, "gateway.edge-b")).contains("'gateway.edge-b'");
    }

    @Test
    void aGatewayHasANameAndSpeaksTheProtocol() {
        assertThat(GatewayLinkService.refusal(GATEWAY.toBuilder().clearName().build(), "gateway.edge-a"))
                .contains("name is empty");
        assertThat(GatewayLinkService.refusal(GATEWAY.toBuilder().setProtocol(2).build(), "gateway.edge-a"))
                .isEqualTo("link protocol 2, expected 1");
    }
}
