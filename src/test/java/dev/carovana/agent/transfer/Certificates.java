// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;

/**
 * Certificates of one authority, as an administrator makes them.
 *
 * @param folder of the authority
 */
public record Certificates(Path folder) {
    public SSLContext of(String site) {
        try {
            int result = new ProcessBuilder("k8s/make-certs", folder.toString(), site)
                    .inheritIO()
                    .start()
                    .waitFor();
            assertThat(result).isZero();
            return TransferTls.context(folder.resolve(site));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
