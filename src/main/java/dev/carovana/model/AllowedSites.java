// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * To which sites the instances of a namespace may go: a move takes a user's memory there, perhaps to another country.
 *
 * @param namespace the namespace
 * @param annotation names of sites with commas between; null if the namespace has no such annotation and allows all
 */
public record AllowedSites(String namespace, @Nullable String annotation) {
    /** On a Namespace. */
    public static final String ANNOTATION = "carovana.dev/allowed-sites";

    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

    /** Why no instance of the namespace may be at the site; empty if one may. */
    public Optional<Reason> against(String site) {
        return annotation == null || COMMA.splitAsStream(annotation.strip()).anyMatch(site::equals)
                ? Optional.empty()
                : Optional.of(new Reason(
                        "SiteNotAllowed",
                        "site " + site + ": namespace " + namespace + " has annotation " + ANNOTATION + " '"
                                + annotation + "', expected to name the site"));
    }
}
