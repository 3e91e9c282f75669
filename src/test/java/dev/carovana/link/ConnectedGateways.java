// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import dev.carovana.link.Gateways.Gateway;
import dev.carovana.link.v1.Drained;
import dev.carovana.link.v1.ToGateway;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Gateways without a network: they connect, say something, and go. */
public final class ConnectedGateways {
    private final Gateways gateways = new Gateways();

    public Gateways registry() {
        return gateways;
    }

    /** One stream of a gateway. */
    public final class Stream implements StreamObserver<ToGateway> {
        private final Gateway gateway;
        private final List<ToGateway> heard = new CopyOnWriteArrayList<>();
        private boolean ended;

        private Stream(String site, String name) {
            gateway = new Gateway(new Gateways.Id(site, name), "test", name + ":8443", this);
        }

        public Gateway gateway() {
            return gateway;
        }

        public List<ToGateway> heard() {
            return heard;
        }

        public boolean ended() {
            return ended;
        }

        public void drained(String hold) {
            gateways.ifCurrent(
                    gateway,
                    l -> l.drained(gateway, Drained.newBuilder().setHold(hold).build()));
        }

        public void breaks() {
            gateways.disconnect(gateway);
        }

        @Override
        public void onNext(ToGateway message) {
            heard.add(message);
        }

        @Override
        public void onError(Throwable problem) {
            ended = true;
        }

        @Override
        public void onCompleted() {
            ended = true;
        }
    }

    public Stream connect(String site, String name) {
        Stream stream = new Stream(site, name);
        gateways.connect(stream.gateway());
        return stream;
    }
}
