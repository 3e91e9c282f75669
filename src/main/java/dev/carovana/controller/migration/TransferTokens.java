// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.controller.ControllerConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The secret that a source must show to its destination: the same after a restart of the controller. */
@ApplicationScoped
class TransferTokens {
    private final SecretKeySpec key;

    TransferTokens(ControllerConfig config) {
        key = new SecretKeySpec(config.userKey().getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    String of(String migrationUid) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return HexFormat.of().formatHex(mac.doFinal(("transfer " + migrationUid).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
