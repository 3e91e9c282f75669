// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import java.nio.file.Path;
import java.util.List;
import org.jboss.logging.Logger;

/** Options of servers and clients. */
final class Connectors {
    private static final Logger LOG = Logger.getLogger(Connectors.class);
    /** Vert.x: a port that the system chooses, and that all servers share which ask for the same negative number. */
    private static final int ANY_FOR_USERS = -1;

    private static final int ANY_FOR_GATEWAYS = -2;
    static final int MAX_HEADERS = 32 << 10;
    private static final int STREAMS = 1000;
    /** Calls that wait are not read: they must not stop the others of their connection. */
    private static final int CONNECTION_WINDOW = 16 << 20;

    private static final int STREAM_WINDOW = 256 << 10;

    private final Settings settings;

    Connectors(Settings settings) {
        this.settings = settings;
    }

    static HttpServerOptions forUsers(Settings settings) {
        HttpServerOptions options = server(settings.port(), ANY_FOR_USERS);
        Path certificate = settings.certificate();
        if (certificate != null) {
            options.setSsl(true).setUseAlpn(true).setKeyCertOptions(Tls.own(certificate));
        }
        return options;
    }

    static HttpServerOptions forGateways(int port, Path identity) {
        return server(port, ANY_FOR_GATEWAYS)
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(Tls.own(identity))
                .setTrustOptions(Tls.authority(identity))
                .setClientAuth(ClientAuth.REQUIRED);
    }

    private static HttpServerOptions server(int port, int any) {
        HttpServerOptions options = new HttpServerOptions()
                .setPort(port == 0 ? any : port)
                .setAcceptBacklog(1024)
                .setMaxHeaderSize(MAX_HEADERS)
                .setMaxInitialLineLength(16 << 10)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW);
        options.setInitialSettings(http2());
        return options;
    }

    private static Http2Settings http2() {
        return new Http2Settings()
                .setMaxConcurrentStreams(STREAMS)
                .setInitialWindowSize(STREAM_WINDOW)
                .setMaxHeaderListSize(MAX_HEADERS);
    }

    Upstream.Clients clients(Vertx vertx) {
        PoolOptions pool =
                new PoolOptions().setHttp1MaxSize(settings.pool().size()).setHttp2MaxSize(2);
        var pods = client(vertx, client(), pool);
        var podsHttp2 =
                client(vertx, client().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false), pool);
        Path identity = settings.identity();
        if (identity == null) {
            return new Upstream.Clients(pods, podsHttp2, null, null);
        }
        var peers = client(
                vertx,
                mutual(identity)
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1)),
                pool);
        var peersHttp1 = client(vertx, mutual(identity).setAlpnVersions(List.of(HttpVersion.HTTP_1_1)), pool);
        return new Upstream.Clients(pods, podsHttp2, peers, peersHttp1);
    }

    /** A connection that breaks between two calls is no error: its pod has moved. One that breaks a call is that call's. */
    private static HttpClient client(Vertx vertx, HttpClientOptions options, PoolOptions pool) {
        return vertx.httpClientBuilder()
                .with(options)
                .with(pool)
                .withConnectHandler(connection ->
                        connection.exceptionHandler(e -> LOG.debugf("%s: %s", connection.remoteAddress(), e)))
                .build();
    }

    private HttpClientOptions mutual(Path identity) {
        return client().setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(Tls.own(identity))
                .setTrustOptions(Tls.authority(identity));
    }

    private HttpClientOptions client() {
        int keepAlive = (int) Math.max(1, settings.pool().keepAlive().toSeconds());
        return new HttpClientOptions()
                .setKeepAliveTimeout(keepAlive)
                .setHttp2KeepAliveTimeout(60)
                .setConnectTimeout((int) settings.pool().connectTimeout().toMillis())
                .setMaxHeaderSize(MAX_HEADERS)
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
                .setInitialSettings(http2());
    }
}
