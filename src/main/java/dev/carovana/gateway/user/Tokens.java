// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.user;

import io.vertx.core.Future;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jspecify.annotations.Nullable;

/** Users who show a token (RFC 7519). Only signatures with a public key count. */
public final class Tokens {
    private static final Logger LOG = Logger.getLogger(Tokens.class);
    private static final int MOST_KEPT = 10_000;
    private static final AlgorithmConstraints SIGNATURES = new AlgorithmConstraints(
            ConstraintType.PERMIT,
            AlgorithmIdentifiers.RSA_USING_SHA256,
            AlgorithmIdentifiers.RSA_USING_SHA384,
            AlgorithmIdentifiers.RSA_USING_SHA512,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA256,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA384,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA512,
            AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
            AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384,
            AlgorithmIdentifiers.ECDSA_USING_P521_CURVE_AND_SHA512,
            AlgorithmIdentifiers.EDDSA);

    private final KeySource keys;
    private final Optional<String> issuer;
    private final Optional<String> audience;
    private final Clock clock;
    /** Tokens that were found good: a user shows the same one with each call. */
    private final Map<String, JwtClaims> good = new ConcurrentHashMap<>();

    public Tokens(KeySource keys, Optional<String> issuer, Optional<String> audience, Clock clock) {
        this.keys = keys;
        this.issuer = issuer;
        this.audience = audience;
        this.clock = clock;
    }

    Caller caller(@Nullable String authorization, String claim) {
        if (authorization == null || !authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return Callers.refused(401, "a bearer token is missing: its claim " + claim + " names the user", "NoToken");
        }
        String token = authorization.substring(7).strip();
        JwtClaims known = good.get(token);
        if (known != null && !isOver(known)) {
            return named(known, claim);
        }
        good.remove(token);
        return checked(token, claim, keys.current());
    }

    private boolean isOver(JwtClaims claims) {
        try {
            NumericDate end = claims.getExpirationTime();
            return end == null || end.getValueInMillis() <= clock.millis();
        } catch (MalformedClaimException e) {
            return true;
        }
    }

    private Caller checked(String token, String claim, List<JsonWebKey> known) {
        try {
            return named(verified(token, known), claim);
        } catch (InvalidJwtException e) {
            Optional<Future<List<JsonWebKey>>> fresh = keys.fresh();
            return fresh.isEmpty() ? invalid(e) : new Caller.Later(fresh.get().map(keys -> again(token, claim, keys)));
        }
    }

    private Caller again(String token, String claim, List<JsonWebKey> fresh) {
        try {
            return named(verified(token, fresh), claim);
        } catch (InvalidJwtException e) {
            return invalid(e);
        }
    }

    private static Caller invalid(InvalidJwtException why) {
        LOG.debugf("token refused: %s", why.getMessage());
        return Callers.refused(401, "the bearer token is not valid", "TokenInvalid");
    }

    private JwtClaims verified(String token, List<JsonWebKey> known) throws InvalidJwtException {
        JwtConsumerBuilder rules = new JwtConsumerBuilder()
                .setVerificationKeyResolver(new JwksVerificationKeyResolver(known))
                .setJwsAlgorithmConstraints(SIGNATURES)
                .setAllowedClockSkewInSeconds(30)
                .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()));
        issuer.ifPresent(rules::setExpectedIssuer);
        audience.ifPresentOrElse(rules::setExpectedAudience, rules::setSkipDefaultAudienceValidation);
        JwtConsumer consumer = rules.build();
        JwtClaims claims = consumer.processToClaims(token);
        if (good.size() >= MOST_KEPT) {
            good.clear();
        }
        good.put(token, claims);
        return claims;
    }

    private static Caller named(JwtClaims claims, String claim) {
        Object user = claims.getClaimValue(claim);
        if (user == null) {
            return Callers.refused(401, "the bearer token has no claim " + claim + ": it names the user", "NoClaim");
        }
        return Callers.known(user.toString(), "claim " + claim);
    }
}
