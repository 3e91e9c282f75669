// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Where the server is and who is calling: options first, then the environment, then what is found in a pod. */
final class Connection {
    /** In a pod of the hub, for example the controller's own, the service account calls. */
    private static final Path POD_TOKEN = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

    private final Map<String, String> environment;

    @Option(
            names = "--server",
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            description = "The controller's address; CAROVANA_URL, or http://localhost:8080.")
    private @Nullable String server;

    @Option(
            names = "--token",
            scope = ScopeType.INHERIT,
            paramLabel = "TOKEN",
            description = "Bearer token of the hub's Kubernetes; CAROVANA_TOKEN, or the pod's.")
    private @Nullable String token;

    @Option(
            names = "--token-file",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "File with the token.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--ca",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "Certificates (PEM) of the authority that an https server is trusted by; CAROVANA_CA.")
    private @Nullable Path authority;

    Connection(Map<String, String> environment) {
        this.environment = environment;
    }

    Server open() {
        String url = server != null ? server : environment.getOrDefault("CAROVANA_URL", "http://localhost:8080");
        String told = environment.get("CAROVANA_CA");
        Path ca = authority == null && told != null ? Path.of(told) : authority;
        return new Server(url, token(), ca == null ? null : trusting(ca));
    }

    private @Nullable String token() {
        if (token != null) {
            return token;
        }
        String told = environment.get("CAROVANA_TOKEN");
        if (tokenFile == null && told != null) {
            return told;
        }
        Path file = tokenFile == null ? POD_TOKEN : tokenFile;
        if (tokenFile == null && !Files.isReadable(file)) {
            return null;
        }
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static SSLContext trusting(Path ca) {
        try (InputStream pem = Files.newInputStream(ca)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("ca-" + trusted.size(), certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            return tls;
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(ca, e);
        }
    }

    private static Failure unreadable(Path file, Exception e) {
        return new Failure(Failure.USAGE, "file '" + file + "' cannot be read: " + e.getMessage());
    }
}
