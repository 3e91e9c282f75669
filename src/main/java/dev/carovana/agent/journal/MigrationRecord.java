// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.journal;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.carovana.link.v1.ContainerReport;
import dev.carovana.link.v1.Report;
import java.util.List;
import java.util.Map;

/** What the agent knows of one migration, as written to the node's tmpfs. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "side")
@JsonSubTypes({
    @JsonSubTypes.Type(value = SourceRecord.class, name = "source"),
    @JsonSubTypes.Type(value = DestinationRecord.class, name = "destination")
})
public sealed interface MigrationRecord permits SourceRecord, DestinationRecord {
    String migration();

    PodKey pod();

    /** What the hub is told of it. */
    Report report();

    static List<ContainerReport> reports(Map<String, ContainerTimes> containers) {
        return containers.entrySet().stream()
                .map(c -> c.getValue().report(c.getKey()))
                .toList();
    }
}
