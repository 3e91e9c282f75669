// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import dev.carovana.agent.journal.DestinationStep;
import dev.carovana.agent.transfer.Messages.Standing;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Keeps what arrives, and what it was told. */
final class RecordingDestination implements TransferServer.Receiver, TransferServer.Session {
    final Map<String, byte[]> files = new ConcurrentHashMap<>();
    final List<String> abandoned = new CopyOnWriteArrayList<>();
    final List<String> sites = new CopyOnWriteArrayList<>();
    final List<Messages.Open> opened = new CopyOnWriteArrayList<>();
    final CompletableFuture<String> cut = new CompletableFuture<>();
    final CompletableFuture<Messages.End> end = new CompletableFuture<>();
    final CountDownLatch firstBytes = new CountDownLatch(1);
    volatile RefusedException refusal;
    private volatile DestinationStep step = DestinationStep.RECEIVING;

    DestinationStep step() {
        return step;
    }

    @Override
    public TransferServer.Session open(String site, Messages.Hello hello) throws RefusedException {
        sites.add(site);
        if (refusal != null) {
            throw refusal;
        }
        return this;
    }

    @Override
    public Standing standing() {
        return new Standing(step, "", "", 0, Map.of("cart", 7L));
    }

    @Override
    public Sink file(Messages.Open open) {
        opened.add(open);
        String name = open.owner() + "/" + open.name();
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        return new Sink() {
            @Override
            public void write(ByteBuffer bytes) {
                byte[] part = new byte[bytes.remaining()];
                bytes.get(part);
                content.writeBytes(part);
                firstBytes.countDown();
            }

            @Override
            public void finish() {
                files.put(name, content.toByteArray());
            }

            @Override
            public void abandon() {
                abandoned.add(name);
            }
        };
    }

    @Override
    public void received() {
        step = DestinationStep.RECEIVED;
    }

    @Override
    public Standing end(Messages.End measured) {
        end.complete(measured);
        step = DestinationStep.RESTORED;
        return standing();
    }

    @Override
    public Standing cancel() {
        step = DestinationStep.CLEANED;
        return standing();
    }

    @Override
    public void cut(String why) {
        cut.complete(why);
    }
}
