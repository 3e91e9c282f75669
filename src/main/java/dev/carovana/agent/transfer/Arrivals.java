// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import dev.carovana.agent.transfer.Messages.Hello;
import dev.carovana.agent.transfer.Messages.Open;
import dev.carovana.agent.transfer.Messages.Standing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** What the destination does with what a source sends. */
public interface Arrivals {
    /**
     * A source has connected.
     *
     * @param peerSite the site that its certificate names
     * @throws RefusedException if it may not, or the migration is not known
     */
    Arrival accept(Hello hello, String peerSite) throws RefusedException;

    /** One connection of one migration. */
    interface Arrival {
        Standing standing();

        /** @throws IOException also if the file is none that belongs there */
        Sink sink(Open open) throws IOException;

        /** The memory of a container that was sent ahead, which a piece of an image may be copied from. */
        Path memory(String container);

        /** Every file is here and its digest is right. */
        void received() throws IOException;

        /** The handover: from here on only the destination may run the instance. */
        void end() throws RefusedException;

        /** Makes sure that an END is refused, whenever it comes. */
        void cancel() throws RefusedException;

        /** Comes when the migration has ended here. */
        CompletableFuture<Standing> outcome();

        /** The connection has ended. */
        void closed();
    }
}
