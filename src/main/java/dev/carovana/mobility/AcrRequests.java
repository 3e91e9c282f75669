// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Target;
import dev.carovana.model.UserAlias;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Requests for application context relocation of 3GPP TS 24.558, eees-appctxtreloc. They have neither id nor time. */
final class AcrRequests {
    private static final String SOURCE = "urn:3gpp:eees-appctxtreloc";

    private AcrRequests() {}

    /** A relocation may be needed: where to is only known if an area is expected. */
    static MobilityEvent determine(Fields request, Instant received) throws MalformedEventException {
        Fields area = request.optionalObject("expectedLocArea");
        return event(request, received, Kind.PREPARE, area == null ? new Target.Nowhere() : cells(area));
    }

    /** The relocation begins. */
    static MobilityEvent initiate(Fields request, Instant received) throws MalformedEventException {
        return event(request, received, Kind.MOVE, Endpoints.read(request.object("tEasEndpoint")));
    }

    /** The target has been chosen: the user is served from there. */
    static MobilityEvent declare(Fields request, Instant received) throws MalformedEventException {
        return event(request, received, Kind.MOVE, Endpoints.read(request.object("tEasEndpoint")));
    }

    private static MobilityEvent event(Fields request, Instant received, Kind kind, Target to)
            throws MalformedEventException {
        return new MobilityEvent(
                Notification.origin(SOURCE, request.object(), null, received),
                kind,
                Set.of(UserAlias.ofGpsi(request.text("ueId"))),
                to,
                null,
                request.dateTime("predictExpTime"));
    }

    /** NetworkAreaInfo of TS 29.554: the smallest places first. */
    private static Target cells(Fields area) throws MalformedEventException {
        Fields network = area.optionalObject("nwAreaInfo");
        List<String> ids = new ArrayList<>();
        if (network != null) {
            for (Fields cell : network.objects("ncgis")) {
                ids.add(Cells.id(cell, "plmnId", "nrCellId"));
            }
            for (Fields cell : network.objects("ecgis")) {
                ids.add(Cells.id(cell, "plmnId", "eutraCellId"));
            }
            for (Fields area5g : network.objects("tais")) {
                ids.add(Cells.id(area5g, "plmnId", "tac"));
            }
        }
        return ids.isEmpty() ? new Target.Nowhere() : new Target.Zone(ids);
    }
}
