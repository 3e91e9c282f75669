// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.X509Certificate;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Puts the name in the client's certificate (CN: an agent's site, or gateway. and a gateway's) into the call's context. */
final class ClientName implements ServerInterceptor {
    static final Context.Key<String> NAME = Context.key("name");

    /** How the names of gateways begin; no site is called so. */
    static final String GATEWAY = "gateway.";

    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        try {
            String name = session == null ? "" : commonName(session);
            return Contexts.interceptCall(Context.current().withValue(NAME, name), call, headers, next);
        } catch (SSLPeerUnverifiedException | InvalidNameException e) {
            call.close(Status.UNAUTHENTICATED.withDescription(e.getMessage()), new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }

    private static String commonName(SSLSession session) throws SSLPeerUnverifiedException, InvalidNameException {
        X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
        return new LdapName(certificate.getSubjectX500Principal().getName())
                .getRdns().stream()
                        .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                        .map(rdn -> rdn.getValue().toString())
                        .findFirst()
                        .orElse("");
    }
}
