// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The gateways that a test wants. */
final class FakeGateways implements AutoCloseable {
    private final Path certificates;
    private final int port;
    private final List<FakeGateway> all = new CopyOnWriteArrayList<>();

    FakeGateways(Path certificates, int controllerPort) {
        this.certificates = certificates;
        this.port = controllerPort;
    }

    /** One more, which is told everything. */
    FakeGateway add(String site, String name) {
        FakeGateway gateway = open(site, site, name);
        gateway.awaitSynced(1);
        return gateway;
    }

    /** One that has another site's certificate. */
    FakeGateway open(String certificate, String site, String name) {
        FakeGateway gateway = new FakeGateway(site, name, certificates.resolve("gateway." + certificate), port);
        all.add(gateway);
        return gateway;
    }

    @Override
    public void close() {
        all.forEach(FakeGateway::close);
        all.clear();
    }
}
