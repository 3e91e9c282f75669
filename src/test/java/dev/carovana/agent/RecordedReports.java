// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent;

import dev.carovana.agent.journal.MigrationRecord;
import dev.carovana.agent.link.Reports;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A hub that only listens. */
public final class RecordedReports implements Reports {
    private final List<MigrationRecord> all = new CopyOnWriteArrayList<>();

    @Override
    public void send(MigrationRecord record) {
        all.add(record);
    }

    public List<MigrationRecord> all() {
        return all;
    }
}
