// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** The REST API without the reconcilers: the tests write the status themselves, and move back and forth. */
public class RestOnly implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "quarkus.arc.exclude-types", "dev.carovana.controller.OperatorStart",
                "carovana.mobility.hysteresis", "0s",
                "quarkus.http.test-port", "0",
                "quarkus.grpc.server.test-port", "0");
    }
}
