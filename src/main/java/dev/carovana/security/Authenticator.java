// SPDX-License-Identifier: Apache-2.0
package dev.carovana.security;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks Kubernetes whose a bearer token is. Answers are kept for a few seconds; tokens are not kept at all. */
@ApplicationScoped
public class Authenticator {
    private final KubernetesClient client;
    private final Kept<String, Optional<UserInfo>> answers = new Kept<>();

    Authenticator(KubernetesClient client) {
        this.client = client;
    }

    /** The token's owner; empty if the token is not valid. */
    public Optional<UserInfo> whose(String token) {
        return answers.get(hash(token), () -> Optional.ofNullable(review(token)), owner -> true);
    }

    private @Nullable UserInfo review(String token) {
        TokenReview review = client.resource(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(token)
                        .endSpec()
                        .build())
                .create();
        return Boolean.TRUE.equals(review.getStatus().getAuthenticated())
                ? review.getStatus().getUser()
                : null;
    }

    private static String hash(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has SHA-256
        }
    }
}
