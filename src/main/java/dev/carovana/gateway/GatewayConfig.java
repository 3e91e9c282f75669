// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The settings of the gateway role. */
@ConfigMapping(prefix = "carovana.gateway")
public interface GatewayConfig {
    /** Name of the Site that this gateway belongs to; the CN of its certificate must be {@code gateway.SITE}. */
    Optional<String> site();

    /** TCP port for users; 0 lets the system choose. */
    @WithDefault("8000")
    @Min(0)
    @Max(65535)
    int port();

    /** How long a function may take until the head of its answer, unless it says so itself. */
    @WithDefault("60s")
    Duration timeout();

    /** How long a call waits for its user's instance to start. */
    @WithDefault("30s")
    Duration startTimeout();

    /** How long new calls still pass when an instance is about to move and others are under way. */
    @WithDefault("1s")
    Duration drainPatience();

    /** How long the end waits for calls that are under way. */
    @WithDefault("20s")
    Duration shutdownTimeout();

    /** Calls of one user of one function, waiting or under way. */
    @WithDefault("1000")
    @Min(1)
    int userCalls();

    /** How much of a call's body is kept, so that it can be sent again. */
    @WithDefault("64K")
    MemorySize replayBytes();

    /** Whether each call gets a line in the log, of category {@code dev.carovana.access}. */
    @WithDefault("true")
    boolean accessLog();

    Tls tls();

    Peer peer();

    Hold hold();

    Users users();

    Jwt jwt();

    Pool pool();

    /** The users' side. */
    interface Tls {
        /** Folder with {@code tls.crt} and {@code tls.key}; without it users call without TLS. */
        Optional<String> directory();
    }

    /** Gateway to gateway, with the certificates of {@code carovana.tls.directory}. */
    interface Peer {
        @WithDefault("8443")
        @Min(0)
        @Max(65535)
        int port();
    }

    /** Calls that wait. */
    interface Hold {
        /** How long a call waits while its instance moves. */
        @WithDefault("30s")
        Duration timeout();

        /** Of one user of one function. */
        @WithDefault("100")
        @Min(0)
        int calls();

        /** Of all users. */
        @WithDefault("10000")
        @Min(0)
        int totalCalls();

        /** What the bodies of all calls that wait may have together, as far as they say so. */
        @WithDefault("64M")
        MemorySize bytes();
    }

    /** Users who are named by a header. */
    interface Users {
        /** Networks of the callers who may set it. */
        @WithDefault("127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,fc00::/7,fe80::/10")
        List<String> headerCallers();
    }

    /** Users who are named by a claim of a token. */
    interface Jwt {
        /** The keys: an http or https URL, or a file. */
        Optional<String> jwks();

        /** Checked if set. */
        Optional<String> issuer();

        /** Checked if set. */
        Optional<String> audience();
    }

    /** Connections to pods and to other gateways. */
    interface Pool {
        /** Most to one pod, for each processor. */
        @WithDefault("64")
        @Min(1)
        int size();

        /** How long one is kept without use: less than servers do, so that none is used that is just being closed. */
        @WithDefault("3s")
        Duration keepAlive();

        @WithDefault("1s")
        Duration connectTimeout();
    }
}
