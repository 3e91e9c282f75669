// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Target;
import dev.carovana.model.UserAlias;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ETSI GS MEC 013, zonalPresenceNotification: a user enters a zone, leaves it, or changes the access point in it. */
final class ZonalPresences {
    /** The name of the object around it. */
    static final String WRAPPER = "zonalPresenceNotification";

    private static final String SOURCE = "urn:etsi:mec:013:zonalPresenceNotification";
    private static final String IP_SCHEME = "acr:";
    /** RFC 3966: a global number, with visual separators that do not count. One with parameters is another. */
    private static final Pattern PHONE =
            Pattern.compile("tel:\\+([0-9().-]*[0-9][0-9().-]*)", Pattern.CASE_INSENSITIVE);

    private ZonalPresences() {}

    static MobilityEvent read(Fields presence, Instant received) throws MalformedEventException {
        Instant time = presence.timeStamp("timestamp");
        String type = presence.text("userEventType").toLowerCase(Locale.ROOT);
        boolean moves =
                switch (type) {
                    case "entering", "transferring" -> true;
                    case "leaving" -> false; // not where to
                    default -> throw presence.wrong("userEventType", "Entering, Leaving or Transferring");
                };
        List<String> zones = new ArrayList<>();
        String accessPoint = presence.optionalText("currentAccessPointId");
        if (accessPoint != null) {
            zones.add(accessPoint);
        }
        zones.add(presence.text("zoneId"));
        return new MobilityEvent(
                Notification.origin(SOURCE, presence.object(), time, received),
                moves ? Kind.MOVE : Kind.DONE,
                Set.of(subject(presence.text("address"))),
                moves ? new Target.Zone(zones) : new Target.Nowhere(),
                null,
                null);
    }

    /** The address is a URI, for example {@code acr:10.0.0.1} or {@code tel:+390501234}, or an IP address without scheme. */
    private static String subject(String address) {
        Matcher phone = PHONE.matcher(address);
        if (phone.matches()) {
            return UserAlias.ofGpsi("msisdn-" + phone.group(1).replaceAll("[().-]", ""));
        }
        String bare = address.startsWith(IP_SCHEME) ? address.substring(IP_SCHEME.length()) : address;
        return UserAlias.ofAddress(bare).orElse(UserAlias.of("address", address));
    }
}
