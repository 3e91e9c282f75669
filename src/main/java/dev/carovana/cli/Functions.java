// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;

/** The kinds of objects that can be functions, by the names that people give them. */
final class Functions {
    private static final String DEPLOYMENT = "deployment";
    private static final Map<String, String> API_VERSIONS =
            Map.of(DEPLOYMENT, "apps/v1", "service", "serving.knative.dev/v1", "function", "openfaas.com/v1");

    private Functions() {}

    /** What {@code [KIND/]NAME} means. */
    static ObjectNode reference(String text) {
        int slash = text.indexOf('/');
        String kind = slash < 0 ? DEPLOYMENT : text.substring(0, slash).toLowerCase(Locale.ROOT);
        String apiVersion = API_VERSIONS.get(kind);
        if (apiVersion == null) {
            throw new Failure(
                    Failure.USAGE,
                    "--function '" + text
                            + "': expected [KIND/]NAME with one of the kinds Deployment, Service, Function");
        }
        return ServerCommand.object()
                .put("apiVersion", apiVersion)
                .put("kind", kind.substring(0, 1).toUpperCase(Locale.ROOT) + kind.substring(1))
                .put("name", text.substring(slash + 1));
    }
}
