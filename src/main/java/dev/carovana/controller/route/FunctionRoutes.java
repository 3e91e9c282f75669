// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.route;

import dev.carovana.controller.function.Function;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.model.CallContract;
import dev.carovana.model.FunctionContract;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** How a function is called. Pure. */
final class FunctionRoutes {
    /** Where a function listens that says nothing about it. */
    private static final int DEFAULT_PORT = 8080;

    private FunctionRoutes() {}

    /**
     * @param copyPort port of its copies, if that is not the template's
     */
    static FunctionRoute of(String namespace, String name, Function function, Optional<Integer> copyPort) {
        FunctionContract contract = function.contract();
        CallContract calls = contract.calls();
        FunctionRoute.Builder route = FunctionRoute.newBuilder()
                .setNamespace(namespace)
                .setName(name)
                .setRemote(function.isRemote())
                .addAllHosts(calls.hosts())
                .setUserPart(
                        switch (contract.userFrom().part()) {
                            case HEADER -> FunctionRoute.UserPart.HEADER;
                            case COOKIE -> FunctionRoute.UserPart.COOKIE;
                            case JWT -> FunctionRoute.UserPart.JWT;
                        })
                .setUserName(contract.userFrom().name())
                .setStreamsWait(calls.streams() == CallContract.Streams.WAIT)
                .setRetry(
                        switch (calls.retry()) {
                            case IDEMPOTENT -> FunctionRoute.Retry.IDEMPOTENT;
                            case NEVER -> FunctionRoute.Retry.NEVER;
                            case ALWAYS -> FunctionRoute.Retry.ALWAYS;
                        })
                .setTimeoutMillis(calls.timeout() == null ? 0 : calls.timeout().toMillis());
        if (function.isRemote() && copyPort.isPresent()) {
            return route.setPort(copyPort.get()).setCalledByName(true).build();
        }
        int port = calls.port() != null
                ? calls.port()
                : ports(function.template())
                        .map(ContainerPort::getContainerPort)
                        .findFirst()
                        .orElse(DEFAULT_PORT);
        return route.setPort(port).setHttp2(isHttp2(function.template(), port)).build();
    }

    private static Stream<ContainerPort> ports(PodTemplateSpec template) {
        return template.getSpec().getContainers().stream().flatMap(container -> container.getPorts().stream());
    }

    /** A container's port has no {@code appProtocol}: its name tells, as it does for Knative. */
    private static boolean isHttp2(PodTemplateSpec template, int port) {
        return ports(template)
                .filter(p -> p.getContainerPort() == port)
                .map(p -> Objects.requireNonNullElse(p.getName(), "").toLowerCase(Locale.ROOT))
                .anyMatch(name -> name.startsWith("h2c") || name.startsWith("grpc"));
    }
}
