// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.link.v1.InstanceRoute;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A call that notes what its gate says. */
final class FakeCall implements Call {
    final String name;
    private final List<String> log;
    private final Executor executor;

    @Nullable
    InstanceRoute route;

    @Nullable
    Refusal refusal;

    FakeCall(String name, List<String> log, Executor executor) {
        this.name = name;
        this.log = log;
        this.executor = executor;
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public void go(InstanceRoute to) {
        route = to;
        log.add("go " + name);
    }

    @Override
    public void refused(Refusal why) {
        refusal = why;
        log.add("refused " + name + " " + why.status() + " " + why.code());
    }

    @Override
    public void endStream() {
        log.add("end " + name);
    }

    @Override
    public void outdated() {
        log.add("outdated " + name);
    }
}
