// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.user;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carovana.gateway.route.Refusal;
import dev.carovana.link.v1.FunctionRoute;
import io.vertx.core.MultiMap;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/** Finds out who calls, as the function wants it. */
public final class Callers {
    private static final String DEFAULT_HEADER = "X-Carovana-User";
    private static final int MOST = 256;

    private final Networks trusted;
    private final Tokens tokens;

    public Callers(Networks trusted, Tokens tokens) {
        this.trusted = trusted;
        this.tokens = tokens;
    }

    /**
     * Who it is, or why that is not known.
     *
     * @param address of the other end of the connection
     */
    public Caller of(FunctionRoute function, MultiMap headers, @Nullable String address) {
        String name = function.getUserName();
        return switch (function.getUserPart()) {
            case COOKIE -> decoded(cookie(headers, name), "cookie " + name);
            case JWT -> tokens.caller(headers.get("authorization"), name);
            case HEADER, UNRECOGNIZED -> header(headers, name.isEmpty() ? DEFAULT_HEADER : name, address);
        };
    }

    private Caller header(MultiMap headers, String name, @Nullable String address) {
        String user = headers.get(name);
        if (user != null && !trusted.contains(address)) {
            return refused(403, "header " + name + " may not be set from " + address, "HeaderNotAllowed");
        }
        return decoded(user, "header " + name);
    }

    /** Headers are bytes, each of which is one character here; a name in them is UTF-8, as everywhere else. */
    private static Caller decoded(@Nullable String bytes, String where) {
        if (bytes == null) {
            return known(null, where);
        }
        try {
            return known(UTF_8.newDecoder().decode(ISO_8859_1.encode(bytes)).toString(), where);
        } catch (CharacterCodingException e) {
            return refused(400, where + " is not UTF-8: it names the user", "UserNotUtf8");
        }
    }

    /** @param where the user's name should have been */
    static Caller known(@Nullable String user, String where) {
        if (user == null || user.isBlank()) {
            return refused(400, where + " is missing: it names the user", "UserMissing");
        }
        if (user.length() > MOST) {
            return refused(
                    400, where + " has " + user.length() + " characters, expected at most " + MOST, "UserTooLong");
        }
        return new Caller.Known(user);
    }

    static Caller refused(int status, String detail, String code) {
        return new Caller.Refused(Refusal.of(status, detail, code));
    }

    /** The first cookie of that name, as browsers send them. */
    static @Nullable String cookie(MultiMap headers, String name) {
        for (String line : headers.getAll("cookie")) {
            int start = 0;
            while (start < line.length()) {
                int end = line.indexOf(';', start);
                end = end < 0 ? line.length() : end;
                int equals = line.indexOf('=', start);
                if (equals > 0
                        && equals < end
                        && line.substring(start, equals).strip().equals(name)) {
                    return unquoted(line.substring(equals + 1, end).strip());
                }
                start = end + 1;
            }
        }
        return null;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
