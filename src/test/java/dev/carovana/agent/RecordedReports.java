// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent;

import dev.carovana.agent.journal.MigrationRecord;
import dev.carovana.agent.link.Reports;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A hub that only listens. */
public final class RecordedReports implements Reports {
    /** What happens while something is said. */
    public volatile Consumer<MigrationRecord> whenSent = record -> {};

    private final List<MigrationRecord> all = new CopyOnWriteArrayList<>();

    @Override
    public void send(MigrationRecord record) {
        all.add(record);
        whenSent.accept(record);
    }

    public List<MigrationRecord> all() {
        return all;
    }
}
