// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes what the gateway says. */
public final class FakeHub implements Hub {
    public final List<String> wants = new CopyOnWriteArrayList<>();
    public final List<String> drained = new CopyOnWriteArrayList<>();
    public volatile boolean connected = true;
    public volatile Runnable onWant = () -> {};

    @Override
    public boolean isConnected() {
        return connected;
    }

    @Override
    public void want(String namespace, String function, String user) {
        wants.add(namespace + "/" + function + " " + user);
        onWant.run();
    }

    @Override
    public void drained(String namespace, String instance, String hold) {
        drained.add(namespace + "/" + instance + " " + hold);
    }
}
