// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Names of files as Linux has them: any bytes. Here each char of a name is one byte. A {@link Path} keeps its bytes too, but
 * what it makes of a text, or a text of it, depends on the locale: names that are not of its charset are lost or refused.
 * Only as URI a path tells its bytes, and takes them.
 */
public final class FileNames {
    private static final Path ROOT = Path.of("/");
    private static final String ROOT_URI = "file:///";

    private FileNames() {}

    /** The name of a path that is not absolute. */
    public static String of(Path path) {
        String text = path.toString();
        if (text.chars().allMatch(FileNames::isAlikeEverywhere)) {
            return text;
        }
        String uri = ROOT.resolve(path).toUri().toString();
        return percentDecoded(uri.substring(ROOT_URI.length(), uri.length() - (uri.endsWith("/") ? 1 : 0)));
    }

    /** The path of a name, which may be absolute. */
    public static Path path(String name) {
        if (name.chars().allMatch(FileNames::isAlikeEverywhere)) {
            return Path.of(name);
        }
        StringBuilder uri = new StringBuilder(ROOT_URI);
        name.replaceAll("/+", "/").replaceAll("^/", "").chars().forEach(c -> uri.append(percentEncoded((char) c)));
        Path absolute = Path.of(URI.create(uri.toString()));
        return name.startsWith("/") ? absolute : ROOT.relativize(absolute);
    }

    /** For people. */
    public static String readable(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    public static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    public static String of(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static boolean isAlikeEverywhere(int c) {
        return c >= ' ' && c <= '~';
    }

    private static String percentEncoded(char c) {
        boolean plain = c == '/' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
        return plain ? String.valueOf(c) : "%%%02X".formatted((int) c);
    }

    private static String percentDecoded(String text) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                c = (char) Integer.parseInt(text.substring(i + 1, i + 3), 16);
                i += 2;
            }
            name.append(c);
        }
        return name.toString();
    }
}
