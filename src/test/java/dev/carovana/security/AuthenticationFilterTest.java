// SPDX-License-Identifier: Apache-2.0
package dev.carovana.security;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.carovana.Role;
import dev.carovana.config.CarovanaConfig;
import jakarta.ws.rs.NotFoundException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuthenticationFilterTest {
    private static AuthenticationFilter in(Role role) {
        return new AuthenticationFilter(
                new CarovanaConfig() {
                    @Override
                    public Role role() {
                        return role;
                    }

                    @Override
                    public Link link() {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public Kubernetes kubernetes() {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public Tls tls() {
                        return Optional::empty;
                    }
                },
                new Authenticator(null));
    }

    @Test
    void anAgentHasNoRestApi() {
        assertThatThrownBy(() -> in(Role.AGENT).onlyController()).isInstanceOf(NotFoundException.class);
        assertThatCode(() -> in(Role.CONTROLLER).onlyController()).doesNotThrowAnyException();
    }
}
