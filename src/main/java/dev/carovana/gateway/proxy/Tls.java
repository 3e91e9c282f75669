// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Certificates between gateways: each shows one of Carovana's authority whose CN is {@code gateway.SITE}. */
final class Tls {
    private static final String GATEWAY = "gateway.";

    private Tls() {}

    static PemKeyCertOptions own(Path folder) {
        return new PemKeyCertOptions()
                .setCertPath(folder.resolve("tls.crt").toString())
                .setKeyPath(folder.resolve("tls.key").toString());
    }

    static PemTrustOptions authority(Path folder) {
        return new PemTrustOptions().addCertPath(folder.resolve("ca.crt").toString());
    }

    /** Agents and the controller have certificates of the same authority, and are no gateways. */
    static boolean isGateway(HttpConnection connection) {
        SSLSession session = connection.sslSession();
        if (session == null) {
            return false;
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0
                    && chain[0] instanceof X509Certificate own
                    && commonName(own.getSubjectX500Principal().getName()).startsWith(GATEWAY);
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    static String commonName(String subject) {
        try {
            List<Rdn> parts = new LdapName(subject).getRdns();
            return parts.stream()
                    .filter(part -> part.getType().equalsIgnoreCase("CN"))
                    .map(part -> part.getValue().toString())
                    .findFirst()
                    .orElse("");
        } catch (InvalidNameException e) {
            return "";
        }
    }
}
