// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import dev.carovana.model.Reason;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Objects;
import org.jboss.logging.Logger;

/** Kubernetes Events about our objects: what {@code kubectl describe} shows. An Event that cannot be written is only logged. */
@ApplicationScoped
public class Events {
    private static final Logger LOG = Logger.getLogger(Events.class);
    private static final DateTimeFormatter MICROS =
            new DateTimeFormatterBuilder().appendInstant(6).toFormatter();

    private final KubernetesClient client;
    private final Clock clock = Clock.systemUTC();

    Events(KubernetesClient client) {
        this.client = client;
    }

    /** Something went as it should. */
    public void tell(HasMetadata about, Reason reason) {
        write("Normal", about, reason);
    }

    /** Something did not. */
    public void warn(HasMetadata about, Reason reason) {
        write("Warning", about, reason);
    }

    private void write(String type, HasMetadata about, Reason reason) {
        String namespace = Objects.requireNonNullElse(about.getMetadata().getNamespace(), "default");
        Instant now = clock.instant();
        // the same thing said again is the same Event
        String name = about.getMetadata().getName() + "."
                + Integer.toHexString(Objects.hash(about.getMetadata().getUid(), type, reason));
        try {
            client.v1()
                    .events()
                    .inNamespace(namespace)
                    .resource(new EventBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withNamespace(namespace)
                            .endMetadata()
                            .withType(type)
                            .withReason(reason.code())
                            .withMessage(shortened(reason.message()))
                            .withAction(reason.code())
                            .withReportingComponent("carovana-controller")
                            .withReportingInstance("carovana-controller")
                            .withEventTime(micro(now))
                            .withInvolvedObject(new ObjectReferenceBuilder()
                                    .withApiVersion(about.getApiVersion())
                                    .withKind(about.getKind())
                                    .withName(about.getMetadata().getName())
                                    .withNamespace(about.getMetadata().getNamespace())
                                    .withUid(about.getMetadata().getUid())
                                    .build())
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409) {
                LOG.warnf("Event %s about %s: %s", reason, about.getMetadata().getName(), e.getMessage());
            }
        }
    }

    /** All six digits: Kubernetes refuses fewer, which {@link Instant#toString} writes when the last ones are zero. */
    static MicroTime micro(Instant time) {
        return new MicroTime(MICROS.format(time));
    }

    /** Kubernetes refuses longer ones. */
    private static String shortened(String message) {
        return message.length() <= 1024 ? message : message.substring(0, 1021) + "...";
    }
}
