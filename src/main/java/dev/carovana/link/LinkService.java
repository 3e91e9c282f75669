// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import dev.carovana.link.Agents.Agent;
import dev.carovana.link.v1.FromAgent;
import dev.carovana.link.v1.Hello;
import dev.carovana.link.v1.LinkGrpc;
import dev.carovana.link.v1.ToAgent;
import dev.carovana.link.v1.Welcome;
import io.grpc.stub.StreamObserver;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One stream per agent: a Hello, then what it has to tell. */
final class LinkService extends LinkGrpc.LinkImplBase {
    private static final Logger LOG = Logger.getLogger(LinkService.class);
    private static final int PROTOCOL = 1;

    private final Agents agents;
    private final PodAddresses addresses;

    LinkService(Agents agents, PodAddresses addresses) {
        this.agents = agents;
        this.addresses = addresses;
    }

    @Override
    public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> out) {
        return new Conversation(ClientName.NAME.get(), out);
    }

    /** Why an agent is not used; empty if it is. */
    static String refusal(Hello hello, String certificate) {
        if (certificate.startsWith(ClientName.GATEWAY)) {
            return "the certificate's CN '" + certificate + "' is a gateway's, expected the agent's site";
        }
        if (!hello.getSite().equals(certificate)) {
            return "site '" + hello.getSite() + "' expected to be the certificate's CN '" + certificate + "'";
        }
        return hello.getProtocol() == PROTOCOL ? "" : "link protocol " + hello.getProtocol() + ", expected " + PROTOCOL;
    }

    private final class Conversation implements StreamObserver<FromAgent> {
        private final String site;
        private final StreamObserver<ToAgent> out;
        private @Nullable Agent agent;

        Conversation(String site, StreamObserver<ToAgent> out) {
            this.site = site;
            this.out = out;
        }

        @Override
        public void onNext(FromAgent message) {
            if (message.hasHello()) {
                hello(message.getHello());
            } else if (agent != null) {
                listen(agent, message);
            }
        }

        private void hello(Hello hello) {
            String why = refusal(hello, site);
            out.onNext(ToAgent.newBuilder()
                    .setWelcome(Welcome.newBuilder().setRefused(why))
                    .build());
            if (!why.isEmpty()) {
                LOG.warnf("agent of node %s refused: %s", hello.getNode(), why);
                agents.refuse(site, hello.getNode(), why);
                out.onCompleted();
                return;
            }
            agent = new Agent(
                    site, hello.getNode(), hello.getVersion(), hello.getTransferAddress(), hello.getFacts(), out);
            addresses.connect(site, hello.getNode(), hello.hasPods() ? hello.getPods() : null);
            agents.connect(agent, hello.getReportsList());
            LOG.infof("agent connected: site=%s node=%s version=%s", site, hello.getNode(), hello.getVersion());
        }

        private void listen(Agent from, FromAgent message) {
            switch (message.getBodyCase()) {
                case REPORT -> agents.report(from, message.getReport());
                case FACTS -> agents.facts(from, message.getFacts());
                case PREFLIGHT -> agents.preflight(from, message.getPreflight());
                case POD -> addresses.tell(from.site(), from.node(), message.getPod());
                case HELLO, BODY_NOT_SET -> LOG.debugf("nothing to do for %s", message.getBodyCase());
            }
        }

        @Override
        public void onError(Throwable problem) {
            LOG.infof("agent of site %s went away: %s", site, problem.getMessage());
            gone();
        }

        @Override
        public void onCompleted() {
            gone();
            try {
                out.onCompleted();
            } catch (IllegalStateException e) {
                LOG.debugf("agent of site %s was refused, or has a newer stream", site);
            }
        }

        private void gone() {
            if (agent != null) {
                agents.disconnect(agent);
            }
        }
    }
}
