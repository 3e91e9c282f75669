// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** ETSI GS MEC 012, CellChangeNotification: a handover between cells. */
final class CellChanges {
    static final String TYPE = "CellChangeNotification";

    private static final String SOURCE = "urn:etsi:mec:012:CellChangeNotification";
    private static final List<String> STATUS =
            List.of("IN_PREPARATION", "IN_EXECUTION", "COMPLETED", "REJECTED", "CANCELLED");

    private CellChanges() {}

    static MobilityEvent read(Fields notification, Instant received) throws MalformedEventException {
        Instant time = notification.timeStamp("timeStamp");
        Kind kind =
                switch (notification.code("hoStatus", STATUS)) {
                    case 1 -> Kind.PREPARE;
                    case 2, 3 -> Kind.MOVE;
                    default -> Kind.ABORT;
                };
        List<String> cells = new ArrayList<>();
        for (Fields cell : notification.objects("trgEcgi")) {
            cells.add(Cells.id(cell, "plmn", "cellId"));
        }
        if (cells.isEmpty() && kind != Kind.ABORT) {
            throw notification.wrong("trgEcgi", "the target cell");
        }
        return new MobilityEvent(
                Notification.origin(
                        Notification.subscription(notification, SOURCE), notification.object(), time, received),
                kind,
                Notification.associates(notification),
                cells.isEmpty() ? new Target.Nowhere() : new Target.Zone(cells),
                null,
                null);
    }
}
