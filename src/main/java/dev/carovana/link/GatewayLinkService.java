// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import dev.carovana.link.Gateways.Gateway;
import dev.carovana.link.v1.FromGateway;
import dev.carovana.link.v1.GatewayHello;
import dev.carovana.link.v1.GatewayLinkGrpc;
import dev.carovana.link.v1.GatewayWelcome;
import dev.carovana.link.v1.ToGateway;
import io.grpc.stub.StreamObserver;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One stream per gateway: a hello, then what it has to tell. */
final class GatewayLinkService extends GatewayLinkGrpc.GatewayLinkImplBase {
    private static final Logger LOG = Logger.getLogger(GatewayLinkService.class);
    private static final int PROTOCOL = 1;

    private final Gateways gateways;

    GatewayLinkService(Gateways gateways) {
        this.gateways = gateways;
    }

    @Override
    public StreamObserver<FromGateway> connect(StreamObserver<ToGateway> out) {
        return new Conversation(ClientName.NAME.get(), out);
    }

    /** Why a gateway is not used; empty if it is. */
    static String refusal(GatewayHello hello, String certificate) {
        String expected = ClientName.GATEWAY + hello.getSite();
        if (!certificate.equals(expected)) {
            return "site '" + hello.getSite() + "' needs a certificate with CN '" + expected + "', this one's CN is '"
                    + certificate + "'";
        }
        if (hello.getName().isEmpty()) {
            return "name is empty, expected the name of the gateway's pod";
        }
        return hello.getProtocol() == PROTOCOL ? "" : "link protocol " + hello.getProtocol() + ", expected " + PROTOCOL;
    }

    private final class Conversation implements StreamObserver<FromGateway> {
        private final String certificate;
        private final StreamObserver<ToGateway> out;
        private @Nullable Gateway gateway;

        Conversation(String certificate, StreamObserver<ToGateway> out) {
            this.certificate = certificate;
            this.out = out;
        }

        @Override
        public void onNext(FromGateway message) {
            if (message.hasHello()) {
                hello(message.getHello());
            } else if (gateway != null) {
                listen(gateway, message);
            }
        }

        private void hello(GatewayHello hello) {
            String why = refusal(hello, certificate);
            Streams.on(
                    out,
                    stream -> stream.onNext(ToGateway.newBuilder()
                            .setWelcome(GatewayWelcome.newBuilder().setRefused(why))
                            .build()));
            if (!why.isEmpty()) {
                LOG.warnf("gateway %s refused: %s", hello.getName(), why);
                Streams.on(out, StreamObserver::onCompleted);
                return;
            }
            gateway = new Gateway(
                    new Gateways.Id(hello.getSite(), hello.getName()), hello.getVersion(), hello.getPeerAddress(), out);
            LOG.infof(
                    "gateway connected: site=%s name=%s version=%s peerAddress=%s",
                    hello.getSite(), hello.getName(), hello.getVersion(), hello.getPeerAddress());
            gateways.connect(gateway);
        }

        private void listen(Gateway from, FromGateway message) {
            switch (message.getBodyCase()) {
                case WANT -> gateways.ifCurrent(from, l -> l.want(from, message.getWant()));
                case DRAINED -> gateways.ifCurrent(from, l -> l.drained(from, message.getDrained()));
                case CALLS -> gateways.ifCurrent(from, l -> l.calls(from, message.getCalls()));
                case HELLO, BODY_NOT_SET -> LOG.debugf("nothing to do for %s", message.getBodyCase());
            }
        }

        @Override
        public void onError(Throwable problem) {
            LOG.infof("gateway with certificate %s went away: %s", certificate, problem.getMessage());
            gone();
        }

        @Override
        public void onCompleted() {
            gone();
            Streams.on(out, StreamObserver::onCompleted);
        }

        private void gone() {
            if (gateway != null) {
                gateways.disconnect(gateway);
            }
        }
    }
}
