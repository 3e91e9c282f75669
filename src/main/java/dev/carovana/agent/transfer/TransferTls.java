// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.conscrypt.Conscrypt;

/** TLS 1.3 between agents: both show a certificate of Carovana's authority, and its CN is the name of their site. */
public final class TransferTls {
    static final String[] PROTOCOLS = {"TLSv1.3"};
    /** BoringSSL: as fast in the first freeze as later (ADR 9). */
    private static final Provider NATIVE =
            Conscrypt.newProviderBuilder().provideTrustManager(true).build();

    private TransferTls() {}

    /** @param folder with tls.crt, tls.key (PKCS#8) and ca.crt */
    public static SSLContext context(Path folder) throws IOException {
        try {
            KeyStore keys = emptyStore();
            keys.setKeyEntry(
                    "own",
                    privateKey(folder.resolve("tls.key")),
                    new char[0],
                    certificates(folder.resolve("tls.crt")).toArray(Certificate[]::new));
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(keys, new char[0]);
            KeyStore authorities = emptyStore();
            int count = 0;
            for (Certificate authority : certificates(folder.resolve("ca.crt"))) {
                authorities.setCertificateEntry("ca" + count++, authority);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX", NATIVE);
            trust.init(authorities);
            SSLContext context = SSLContext.getInstance(PROTOCOLS[0], NATIVE);
            context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates in " + folder + ": " + e.getMessage(), e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        Collection<? extends Certificate> all = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
        return List.copyOf(all);
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        String base64 = Files.readString(file).replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "");
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
        try {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        } catch (InvalidKeySpecException e) {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        }
    }

    /** The site that the peer's certificate names. */
    static String peer(SSLSocket socket) throws IOException {
        X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        try {
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    return part.getValue().toString();
                }
            }
        } catch (InvalidNameException e) {
            throw new IOException("the peer's certificate has no readable name", e);
        }
        throw new IOException("the peer's certificate has no CN");
    }
}
