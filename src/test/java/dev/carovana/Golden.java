// SPDX-License-Identifier: Apache-2.0
package dev.carovana;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Whole objects as YAML, in files beside the tests: what goes in, and what has to come out. */
public final class Golden {
    private Golden() {}

    public static <T> T read(String file, Class<T> type) {
        return Serialization.unmarshal(text(file), type);
    }

    public static void same(Object object, String file) {
        assertThat(Serialization.asYaml(object)).isEqualTo(text(file));
    }

    private static String text(String file) {
        try (InputStream in = Golden.class.getResourceAsStream("/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
