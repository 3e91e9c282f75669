// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.link;

import dev.carovana.agent.journal.MigrationRecord;

/** Tells the hub. What cannot be told now is told again when the link is back, from the journal. */
public interface Reports {
    void send(MigrationRecord record);
}
