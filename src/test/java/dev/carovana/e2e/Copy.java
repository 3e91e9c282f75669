// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import java.util.ArrayList;
import java.util.List;

/** A copy of a remote-state function, called by its Service's address in a site's cluster, from the site's node. */
record Copy(String site, String name) {
    /** What it answers to a GET; tried again meanwhile: the site's kube-proxy learns of the pod a moment later than the hub. */
    String get(String path, String... headers) {
        return curl(path, List.of("--retry", "20", "--retry-delay", "1", "--retry-connrefused"), headers);
    }

    /** What it answers to a POST, which is not tried again: it could be executed twice. */
    String post(String path, String body, String... headers) {
        return curl(path, List.of("--data-raw", body), headers);
    }

    private String curl(String path, List<String> options, String... headers) {
        String address = Lab.cluster(site)
                .services()
                .inNamespace(Lab.NAMESPACE)
                .withName(name)
                .require()
                .getSpec()
                .getClusterIP();
        List<String> line = new ArrayList<>(List.of("curl", "--silent", "--show-error", "--fail", "--max-time", "5"));
        line.addAll(options);
        for (String header : headers) {
            line.addAll(List.of("--header", header));
        }
        line.add("http://" + address + ":8080" + path);
        return Lab.node(site, line.toArray(String[]::new));
    }
}
