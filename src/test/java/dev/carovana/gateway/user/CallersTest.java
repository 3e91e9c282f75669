// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.user;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.gateway.route.Refusal;
import dev.carovana.link.v1.FunctionRoute;
import dev.carovana.link.v1.FunctionRoute.UserPart;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallersTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static EllipticCurveJsonWebKey key;
    private static EllipticCurveJsonWebKey otherKey;

    private List<JsonWebKey> known = List.of();
    private Optional<Future<List<JsonWebKey>>> fresh = Optional.empty();
    private final Callers callers = new Callers(
            Networks.of(List.of("10.0.0.0/8")),
            new Tokens(
                    new KeySource() {
                        @Override
                        public List<JsonWebKey> current() {
                            return known;
                        }

                        @Override
                        public Optional<Future<List<JsonWebKey>>> fresh() {
                            return fresh;
                        }
                    },
                    Optional.of("https://issuer.example.org"),
                    Optional.of("shop"),
                    Clock.fixed(NOW, ZoneOffset.UTC)));

    @BeforeAll
    static void generate() throws JoseException {
        key = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        key.setKeyId("one");
        otherKey = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        otherKey.setKeyId("one");
    }

    private static FunctionRoute by(UserPart part, String name) {
        return FunctionRoute.newBuilder().setUserPart(part).setUserName(name).build();
    }

    private static MultiMap headers(String... namesAndValues) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    private static Refusal refusal(Caller caller) {
        return ((Caller.Refused) caller).why();
    }

    @Test
    void aHeaderNamesTheUserIfTheCallerMaySetIt() {
        MultiMap headers = headers("x-user", "ann", "X-Carovana-User", "bob");

        assertThat(callers.of(by(UserPart.HEADER, "X-User"), headers, "10.1.2.3"))
                .isEqualTo(new Caller.Known("ann"));
        assertThat(callers.of(by(UserPart.HEADER, ""), headers, "10.1.2.3")).isEqualTo(new Caller.Known("bob"));
        Refusal refused = refusal(callers.of(by(UserPart.HEADER, "X-User"), headers, "192.0.2.1"));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.detail()).contains("X-User").contains("192.0.2.1");
    }

    @Test
    void aMissingNameIsSaid() {
        Refusal header = refusal(callers.of(by(UserPart.HEADER, "X-User"), headers("X-User", " "), "10.1.2.3"));
        Refusal cookie = refusal(callers.of(by(UserPart.COOKIE, "uid"), headers(), "10.1.2.3"));

        assertThat(header.status()).isEqualTo(400);
        assertThat(header.detail()).contains("header X-User");
        assertThat(cookie.detail()).contains("cookie uid");
    }

    @Test
    void aNameHasALimit() {
        MultiMap headers = headers("X-User", "a".repeat(257), "cookie", "uid=" + "b".repeat(256));

        assertThat(refusal(callers.of(by(UserPart.HEADER, "X-User"), headers, "10.0.0.1"))
                        .status())
                .isEqualTo(400);
        assertThat(callers.of(by(UserPart.COOKIE, "uid"), headers, "10.0.0.1"))
                .isEqualTo(new Caller.Known("b".repeat(256)));
    }

    @ParameterizedTest
    @CsvSource({
        "'uid=ann', ann",
        "'a=b; uid=ann; c=d', ann",
        "'xuid=eve; uid=ann', ann",
        "'a=uid=eve;uid=\"ann\"', ann",
        "'uid=ann; uid=eve', ann",
        "'a; uid = ann', ann",
        "'uid2=eve',"
    })
    void cookiesAreRead(String line, String expected) {
        assertThat(Callers.cookie(headers("Cookie", line), "uid")).isEqualTo(expected);
    }

    private static String bytes(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    @Test
    void namesAreUtf8() throws JoseException {
        MultiMap headers = headers("X-User", bytes("José Müller 🙂"), "Cookie", "uid=" + bytes("Łukasz"));
        known = List.of(key);
        String token = token(key, "https://issuer.example.org", "shop", 60);

        assertThat(callers.of(by(UserPart.HEADER, "X-User"), headers, "10.0.0.1"))
                .isEqualTo(new Caller.Known("José Müller 🙂"));
        assertThat(callers.of(by(UserPart.COOKIE, "uid"), headers, "10.0.0.1")).isEqualTo(new Caller.Known("Łukasz"));
        assertThat(withToken(token, "name")).isEqualTo(new Caller.Known("José"));
    }

    @Test
    void aNameThatIsNotUtf8IsRefused() {
        MultiMap headers =
                headers("X-User", "Jos\u00e9", "Cookie", "uid=" + bytes("é").charAt(0));

        for (UserPart part : List.of(UserPart.HEADER, UserPart.COOKIE)) {
            Refusal refusal =
                    refusal(callers.of(by(part, part == UserPart.HEADER ? "X-User" : "uid"), headers, "10.0.0.1"));
            assertThat(refusal.status()).isEqualTo(400);
            assertThat(refusal.code()).isEqualTo("UserNotUtf8");
        }
    }

    private static String token(EllipticCurveJsonWebKey with, String issuer, String audience, int seconds)
            throws JoseException {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(issuer);
        claims.setAudience(audience);
        claims.setExpirationTime(NumericDate.fromSeconds(NOW.getEpochSecond() + seconds));
        claims.setClaim("name", "José");
        claims.setClaim("email", "ann@example.org");
        JsonWebSignature signed = new JsonWebSignature();
        signed.setPayload(claims.toJson());
        signed.setAlgorithmHeaderValue("ES256");
        signed.setKeyIdHeaderValue("one");
        signed.setKey(with.getPrivateKey());
        return signed.getCompactSerialization();
    }

    private Caller withToken(String token, String claim) {
        return callers.of(by(UserPart.JWT, claim), headers("Authorization", "Bearer " + token), "192.0.2.1");
    }

    @Test
    void aTokensClaimNamesTheUser() throws JoseException {
        known = List.of(key);
        String token = token(key, "https://issuer.example.org", "shop", 60);

        assertThat(withToken(token, "email")).isEqualTo(new Caller.Known("ann@example.org"));
        assertThat(withToken(token, "email")).isEqualTo(new Caller.Known("ann@example.org"));
        Refusal noClaim = refusal(withToken(token, "sub"));
        assertThat(noClaim.status()).isEqualTo(401);
        assertThat(noClaim.detail()).contains("sub");
    }

    @Test
    void aTokenMustBeGood() throws JoseException {
        known = List.of(key);

        for (String token : List.of(
                token(otherKey, "https://issuer.example.org", "shop", 60),
                token(key, "https://other.example.org", "shop", 60),
                token(key, "https://issuer.example.org", "other", 60),
                token(key, "https://issuer.example.org", "shop", -60),
                "x.y.z",
                "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImV2ZSJ9.")) {
            assertThat(refusal(withToken(token, "email")).status()).isEqualTo(401);
        }
        Refusal missing = refusal(callers.of(by(UserPart.JWT, "email"), headers(), "192.0.2.1"));
        assertThat(missing.status()).isEqualTo(401);
        assertThat(missing.detail()).contains("claim email");
    }

    @Test
    void keysAreFetchedWhenATokenTurnsUpThatNoneHasSigned() throws JoseException {
        fresh = Optional.of(Future.succeededFuture(List.of(key)));

        Caller later = withToken(token(key, "https://issuer.example.org", "shop", 60), "email");

        assertThat(((Caller.Later) later).found().result()).isEqualTo(new Caller.Known("ann@example.org"));
    }
}
