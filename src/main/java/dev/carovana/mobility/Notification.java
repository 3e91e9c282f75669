// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import com.fasterxml.jackson.databind.JsonNode;
import dev.carovana.model.MobilityEvent.Origin;
import dev.carovana.model.UserAlias;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What notifications of the standards have in common: they have neither id nor source. */
final class Notification {
    private static final List<String> ASSOCIATE_TYPES =
            List.of("UE_IPv4_ADDRESS", "UE_IPv6_ADDRESS", "NATED_IP_ADDRESS", "GTP_TEID");
    private static final int LONGEST_HREF = 1024;

    private Notification() {}

    /**
     * A content with a time in it is the same when it is sent again. One without cannot be told from a later one that
     * says the same: it counts anew, which does no harm, because a wish repeated is the same wish.
     */
    static Origin origin(String source, JsonNode content, @Nullable Instant time, Instant received) {
        String digest = Json.digest(content);
        return new Origin(source, time == null ? digest + "@" + received : digest, null, time);
    }

    /** The subscription for which it is sent, as {@code _links.subscription.href}; else {@code otherwise}. */
    static String subscription(Fields notification, String otherwise) throws MalformedEventException {
        Fields links = notification.optionalObject("_links");
        Fields subscription = links == null ? null : links.optionalObject("subscription");
        if (subscription == null || !subscription.has("href")) {
            return otherwise;
        }
        String href = subscription.object().get("href").asText();
        if (href.isEmpty()
                || href.length() > LONGEST_HREF
                || !Json.isUnicode(href)
                || href.chars().anyMatch(Character::isWhitespace)) {
            throw subscription.wrong("href", "a URI of at most " + LONGEST_HREF + " characters");
        }
        return href;
    }

    /** ETSI's AssociateId: one or several identifiers of one device. */
    static Set<String> associates(Fields notification) throws MalformedEventException {
        Set<String> subjects = new LinkedHashSet<>();
        for (Fields associate : notification.objects("associateId")) {
            String value = associate.text("value");
            subjects.add(
                    switch (associate.code("type", ASSOCIATE_TYPES)) {
                        case 1, 2 ->
                            UserAlias.ofAddress(value).orElseThrow(() -> associate.wrong("value", "an IP address"));
                        case 3 -> UserAlias.of("nat", value);
                        default -> UserAlias.of("teid", value);
                    });
        }
        if (subjects.isEmpty()) {
            throw notification.wrong("associateId", "at least one identifier of the user's device");
        }
        return subjects;
    }
}
