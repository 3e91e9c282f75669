// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * ETSI GS MEC 021, MobilityProcedureNotification. It names no cell: where the user goes is where the target application
 * instance is reached, or that instance itself if a site lists it as one of its zones.
 */
final class MobilityProcedures {
    static final String TYPE = "MobilityProcedureNotification";

    private static final String SOURCE = "urn:etsi:mec:021:MobilityProcedureNotification";
    private static final List<String> STATUS =
            List.of("INTERHOST_MOVEOUT_TRIGGERED", "INTERHOST_MOVEOUT_COMPLETED", "INTERHOST_MOVEOUT_FAILED");

    private MobilityProcedures() {}

    static MobilityEvent read(Fields notification, Instant received) throws MalformedEventException {
        Instant time = notification.timeStamp("timeStamp");
        Kind kind =
                switch (notification.code("mobilityStatus", STATUS)) {
                    case 1 -> Kind.MOVE;
                    case 2 -> Kind.DONE;
                    default -> Kind.ABORT;
                };
        Target to = target(notification);
        if (kind == Kind.MOVE && to instanceof Target.Nowhere) {
            throw notification.wrong("targetAppInfo", "appInstanceId or commInterface.ipAddresses of the target");
        }
        return new MobilityEvent(
                Notification.origin(
                        Notification.subscription(notification, SOURCE), notification.object(), time, received),
                kind,
                Notification.associates(notification),
                to,
                null,
                null);
    }

    private static Target target(Fields notification) throws MalformedEventException {
        Fields app = notification.optionalObject("targetAppInfo");
        if (app == null) {
            return new Target.Nowhere();
        }
        List<String> hosts = new ArrayList<>();
        for (Fields communication : app.objects("commInterface")) {
            for (Fields address : communication.objects("ipAddresses")) {
                hosts.add(address.text("host"));
            }
        }
        String instance = app.optionalText("appInstanceId");
        if (instance != null) {
            hosts.add(instance);
        }
        return hosts.isEmpty() ? new Target.Nowhere() : new Target.Endpoint(hosts);
    }
}
