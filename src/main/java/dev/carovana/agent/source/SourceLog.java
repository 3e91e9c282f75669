// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.journal.SourceRecord;
import dev.carovana.agent.journal.SourceStep;
import dev.carovana.agent.link.Reports;
import dev.carovana.agent.runtime.Micros;
import java.io.UncheckedIOException;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/** A source's record, as it is on the node's tmpfs, and as the hub is told of it. Thread-safe. */
final class SourceLog {
    private static final Logger LOG = Logger.getLogger(SourceLog.class);

    private final Journal journal;
    private final Reports reports;
    private volatile SourceRecord record;

    SourceLog(Journal journal, Reports reports, SourceRecord record) {
        this.journal = journal;
        this.reports = reports;
        this.record = record;
    }

    SourceRecord record() {
        return record;
    }

    /** Written first: a step that could not be written was not entered. */
    synchronized void update(UnaryOperator<SourceRecord> change) {
        SourceRecord next = change.apply(record);
        journal.write(next);
        record = next;
    }

    void enter(SourceStep step) {
        update(r -> r.enter(step, Micros.now()));
    }

    /** For what an agent that starts again would find by itself. */
    void updateIfPossible(UnaryOperator<SourceRecord> change) {
        try {
            update(change);
        } catch (UncheckedIOException e) {
            LOG.errorf(e, "migration=%s: not written", record.migration());
        }
    }

    /** Ends it, written or not: an agent that is started again would only come to the same end once more. */
    void end(SourceStep step, String reason, String message) {
        SourceRecord ended = record.failed(step, reason, message, Micros.now());
        updateIfPossible(r -> ended);
        record = ended;
        report();
    }

    /** Written with the next step. */
    synchronized void measured(String container, long dumpedAt, long dumped, long sent) {
        record = record.measured(
                container, record.timesOf(container).dumped(dumpedAt, dumped).sent(sent));
    }

    void report() {
        reports.send(record);
    }

    void reportIfItLasts() {
        reports.sendIfItLasts(this::record);
    }
}
