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
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Asks Kubernetes whose a bearer token is. Answers are kept for a few seconds; tokens are not kept at all. */
@ApplicationScoped
public class Authenticator {
    private static final Duration KEPT = Duration.ofSeconds(10);
    private static final int MOST_KEPT = 10_000;

    private final KubernetesClient client;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    private record Answer(@Nullable UserInfo user, long until) {
        boolean isOld() {
            return System.nanoTime() - until >= 0;
        }
    }

    Authenticator(KubernetesClient client) {
        this.client = client;
    }

    /** The token's owner; empty if the token is not valid. */
    public Optional<UserInfo> whose(String token) {
        String key = hash(token);
        Answer answer = answers.get(key);
        if (answer == null || answer.isOld()) {
            answer = new Answer(review(token), System.nanoTime() + KEPT.toNanos());
            makeRoom();
            answers.put(key, answer);
        }
        return Optional.ofNullable(answer.user());
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

    /** Somebody who tries many wrong tokens must not fill the memory. */
    private void makeRoom() {
        if (answers.size() >= MOST_KEPT) {
            answers.values().removeIf(Answer::isOld);
            if (answers.size() >= MOST_KEPT) {
                answers.clear();
            }
        }
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
