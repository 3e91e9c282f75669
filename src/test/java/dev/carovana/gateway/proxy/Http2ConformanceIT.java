// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static dev.carovana.gateway.proxy.GatewayBed.function;
import static dev.carovana.gateway.proxy.GatewayBed.instance;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * The conformance suite h2spec, which tools/h2spec builds, calls a gateway. It cannot say which user calls, so that the gateway
 * answers by itself.
 */
@Timeout(180)
class Http2ConformanceIT {
    /** What the HTTP/2 codec, netty's, does otherwise, and may. */
    private static final List<String> OTHERWISE = List.of(
            // on a port without TLS it is HTTP/1.1, and wrong there
            "http2/3.5 Sends invalid connection preface",
            // a stream that has had its answer: it ends that stream again or not at all, but not the connection with
            // all others
            "http2/5.1 half closed (remote): Sends a HEADERS frame",
            "http2/5.1 closed: Sends a HEADERS frame",
            "http2/5.1.1 Sends stream identifier that is numerically smaller than previous");

    @TempDir
    Path folder;

    private final GatewayBed gateway = new GatewayBed("edge-a", null);

    @AfterEach
    void stop() {
        gateway.close();
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }

    @Test
    void everyRuleOfTheSuiteIsKept() throws Exception {
        gateway.know(function(1), instance("edge-a", 1));
        Path report = folder.resolve("report.xml");
        String output = run(
                run("tools/h2spec"),
                "--strict",
                "--timeout",
                "4",
                "--port",
                Integer.toString(gateway.server.port()),
                "--path",
                "/function/shop/cart/",
                "--junit-report",
                report.toString());

        List<String> failed = new ArrayList<>();
        int passed = 0;
        try (InputStream in = Files.newInputStream(report)) {
            NodeList cases = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(in)
                    .getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                Element one = (Element) cases.item(i);
                boolean broken = one.getElementsByTagName("failure").getLength() > 0
                        || one.getElementsByTagName("error").getLength() > 0;
                if (broken) {
                    failed.add(one.getAttribute("package") + " " + one.getAttribute("classname"));
                } else {
                    passed++;
                }
            }
        }
        assertThat(failed).as(output).isSubsetOf(OTHERWISE);
        assertThat(passed).isGreaterThan(140);
    }
}
