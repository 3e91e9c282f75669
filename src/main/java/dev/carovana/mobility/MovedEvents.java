// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Origin;
import dev.carovana.model.MobilityEvent.Target;
import java.util.List;
import java.util.Set;

/** CloudEvents of Carovana's own type. */
final class MovedEvents {
    static final String TYPE = "dev.carovana.user.moved.v1";

    private MovedEvents() {}

    static MobilityEvent read(CloudEvent event) throws MalformedEventException {
        Fields data = Fields.of("data", "data.", event.data());
        Kind kind = kind(data);
        return new MobilityEvent(
                new Origin(
                        event.required("source"), event.required("id"), event.optional("sequence"), event.time("time")),
                kind,
                Set.of(data.object("user").text("id")),
                target(data, kind),
                event.time("expirytime"),
                data.dateTime("expectedAt"));
    }

    private static Kind kind(Fields data) throws MalformedEventException {
        String phase = data.optionalText("phase");
        if (phase == null) {
            return Kind.MOVE;
        }
        return switch (phase) {
            case "predicted" -> Kind.PREPARE;
            case "in-progress", "completed" -> Kind.MOVE;
            case "cancelled" -> Kind.ABORT;
            default -> throw data.wrong("phase", "predicted, in-progress, completed or cancelled");
        };
    }

    private static Target target(Fields data, Kind kind) throws MalformedEventException {
        Fields to = data.optionalObject("to");
        String cluster = to == null ? null : to.optionalText("cluster");
        String zone = to == null ? null : to.optionalText("zone");
        if (cluster != null) {
            return new Target.Site(cluster);
        }
        if (zone != null) {
            return new Target.Zone(List.of(zone));
        }
        if (kind == Kind.ABORT) {
            return new Target.Nowhere();
        }
        throw data.wrong("to", "cluster or zone");
    }
}
