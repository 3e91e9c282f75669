// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Target;
import dev.carovana.model.UserAlias;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** AcrMgntEventsNotification of 3GPP TS 29.558: what an edge enabler server reports, several at once. */
final class AcrManagement {
    static final String REPORTS = "eventReports";

    private static final String SOURCE = "urn:3gpp:eees-acrmgntevent:";

    private AcrManagement() {}

    static List<MobilityEvent> read(Fields notification, Instant received) throws MalformedEventException {
        String subscription = notification.text("subpId");
        if (subscription.chars().anyMatch(Character::isWhitespace)) {
            throw notification.wrong("subpId", "a text without spaces");
        }
        List<MobilityEvent> events = new ArrayList<>();
        for (Fields report : notification.objects(REPORTS)) {
            events.add(event(report, subscription, received));
        }
        if (events.isEmpty()) {
            throw notification.wrong(REPORTS, "at least one report");
        }
        return events;
    }

    private static MobilityEvent event(Fields report, String subscription, Instant received)
            throws MalformedEventException {
        Instant time = report.dateTime("timeStamp");
        Fields path = report.optionalObject("upPathChgInfo");
        Fields predicted = report.optionalObject("acrParams");
        String name = report.text("event");
        Kind kind =
                switch (name) {
                    case "UP_PATH_CHG" -> pathChange(report.object("upPathChgInfo"));
                    case "ACR_MONITORING" -> Kind.PREPARE;
                    case "ACT_START_STOP" -> startStop(report);
                    default -> throw report.wrong("event", "UP_PATH_CHG, ACR_MONITORING or ACT_START_STOP");
                };
        return new MobilityEvent(
                Notification.origin(SOURCE + subscription, report.object(), time, received),
                kind,
                subjects(report, path, subscription),
                target(report, path),
                null,
                predicted == null ? null : predicted.dateTime("predictExpTime"));
    }

    private static Kind pathChange(Fields change) throws MalformedEventException {
        return switch (change.text("dnaiChgType")) {
            case "EARLY" -> Kind.PREPARE;
            case "LATE", "EARLY_LATE" -> Kind.MOVE;
            default -> throw change.wrong("dnaiChgType", "EARLY, LATE or EARLY_LATE");
        };
    }

    private static Kind startStop(Fields report) throws MalformedEventException {
        return switch (report.text("actStatus")) {
            case "ACT_START" -> Kind.MOVE;
            case "ACT_STOP" -> Kind.ABORT;
            default -> throw report.wrong("actStatus", "ACT_START or ACT_STOP");
        };
    }

    /** A report that names nobody is about the user of its subscription. */
    private static Set<String> subjects(Fields report, @Nullable Fields path, String subscription)
            throws MalformedEventException {
        Fields ue = path == null ? null : path.object("ueId");
        Set<String> subjects = new LinkedHashSet<>();
        if (ue == null) {
            String gpsi = report.optionalText("ueId");
            subjects.add(gpsi == null ? UserAlias.of("subscription", subscription) : UserAlias.ofGpsi(gpsi));
            return subjects;
        }
        String gpsi = ue.optionalText("gpsi");
        if (gpsi != null) {
            subjects.add(UserAlias.ofGpsi(gpsi));
        }
        String external = ue.optionalText("externalId");
        if (external != null) {
            subjects.add(UserAlias.ofGpsi("extid-" + external));
        }
        address(ue).ifPresent(subjects::add);
        if (subjects.isEmpty()) {
            throw ue.wrong("gpsi", "a GPSI, or externalId or ueIpAddr instead");
        }
        return subjects;
    }

    /** IpAddr of TS 29.571; some write a text instead of the object. */
    private static Optional<String> address(Fields ue) throws MalformedEventException {
        if (!ue.has("ueIpAddr")) {
            return Optional.empty();
        }
        String text;
        if (ue.object().get("ueIpAddr").isTextual()) {
            text = ue.text("ueIpAddr");
        } else {
            Fields ip = ue.object("ueIpAddr");
            text = ip.has("ipv4Addr") ? ip.text("ipv4Addr") : ip.text("ipv6Addr");
        }
        return Optional.of(UserAlias.ofAddress(text).orElseThrow(() -> ue.wrong("ueIpAddr", "an IP address")));
    }

    private static Target target(Fields report, @Nullable Fields path) throws MalformedEventException {
        if (path != null) {
            String dnai = path.optionalText("targetDnai");
            Fields route = path.optionalObject("targetTrafficRoute");
            if (dnai == null && route != null) {
                dnai = route.optionalText("dnai");
            }
            if (dnai != null) {
                return new Target.Zone(List.of(dnai));
            }
        }
        Fields endpoint = report.optionalObject("easEndPoint");
        return endpoint == null ? new Target.Nowhere() : Endpoints.read(endpoint);
    }
}
