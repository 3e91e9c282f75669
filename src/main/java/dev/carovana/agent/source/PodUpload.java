// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.files.TreeReader;
import dev.carovana.agent.files.TreeSnapshot;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.memory.Increment;
import dev.carovana.agent.memory.Pagemap;
import dev.carovana.agent.memory.SentPages;
import dev.carovana.agent.runtime.Micros;
import dev.carovana.agent.transfer.Upload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Dumps the containers of a frozen pod, all at once, and sends each as soon as it is dumped, and the pod's files
 * meanwhile.
 */
record PodUpload(Upload upload, SourcePod pod, Ahead ahead, Measured measured) {
    /**
     * What was sent while the pod ran.
     *
     * @param memory of each container, by the processes' ids in their own namespace
     * @param files what the trees were like
     */
    record Ahead(Map<String, Map<Integer, SentPages>> memory, Map<Trees.Tree, TreeSnapshot> files) {}

    /** Is told of each container that was dumped and sent. */
    interface Measured {
        void accept(String container, long dumpedAt, long bytesDumped, long bytesSent);
    }

    /**
     * Waits for everything, since a dump cannot be cancelled, then tells the first failure; a dump's own comes first.
     *
     * @param dumped is run when all containers are dumped
     */
    void send(List<String> containers, List<TreeReader> files, Runnable dumped) throws StepFailed {
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<String, Future<Long>> dumps = new LinkedHashMap<>();
            for (String container : containers) {
                dumps.put(container, workers.submit(dump(container)));
            }
            List<Future<?>> sent = new ArrayList<>();
            sent.add(workers.submit(flush()));
            files.forEach(tree -> sent.add(workers.submit(sendTree(containers, tree))));
            dumps.forEach((container, dump) -> sent.add(workers.submit(sendImages(container, dump))));
            awaitAll(dumps, sent, dumped);
            sendNamedFiles(files);
        } catch (StepFailed e) {
            throw upload.refusal()
                    .map(refused -> new StepFailed(refused.reason(), String.valueOf(refused.getMessage())))
                    .orElse(e);
        }
    }

    private Callable<Long> dump(String container) {
        return () -> {
            pod.dump(container);
            return Micros.now();
        };
    }

    private Callable<Long> flush() {
        return () -> {
            pod.flush();
            return 0L;
        };
    }

    private Callable<Long> sendTree(List<String> containers, TreeReader reader) {
        return () -> {
            Trees.Tree tree = reader.tree();
            TreeSnapshot before = ahead.files().get(tree);
            if (before == null) {
                return tree.isEmpty() ? 0L : FilesAhead.send(upload, reader, List.of());
            }
            TreeSnapshot now = TreeSnapshot.of(tree.path());
            boolean same = now.isAs(before) && !(now.hasContent() && FilesAhead.writesThroughMemory(pod, containers));
            return same ? 0L : FilesAhead.send(upload, reader, before.goneIn(now));
        };
    }

    /** What CRIU has named while it dumped has no name any more, or had none yet, when its tree was read. */
    private void sendNamedFiles(List<TreeReader> files) throws StepFailed {
        try {
            if (!pod.nameFiles()) {
                return;
            }
            for (TreeReader reader : files) {
                if (!reader.tree().isEmpty()) {
                    try (TreeReader again = reader.another("again")) {
                        FilesAhead.send(upload, again, List.of());
                    }
                }
            }
        } catch (IOException e) {
            throw new StepFailed("TransferFailed", String.valueOf(e.getMessage()));
        }
    }

    private Callable<Long> sendImages(String container, Future<Long> dump) {
        return () -> {
            long dumpedAt = dump.get();
            Map<String, Path> images = new HashMap<>();
            long dumped = 0;
            for (Path image : pod.images(container)) {
                images.put(image.getFileName().toString(), image);
                dumped += Files.size(image);
            }
            long sent = sendIncrements(container, images);
            for (Path image : images.values()) {
                sent += upload.image(container, image);
            }
            measured.accept(container, dumpedAt, dumped, sent);
            return sent;
        };
    }

    /** @param images which of them are sent hereby is taken out */
    private long sendIncrements(String container, Map<String, Path> images) throws IOException {
        long bytes = 0;
        for (Map.Entry<Integer, SentPages> process :
                Objects.requireNonNull(ahead.memory().get(container), container).entrySet()) {
            String name = Pagemap.imageName(process.getKey());
            Path pagemap = images.get(name);
            Optional<Increment> understood =
                    pagemap == null ? Optional.empty() : Increment.of(pagemap, process.getValue());
            if (understood.isPresent()) {
                try (Increment increment = understood.get()) {
                    bytes += upload.image(container, increment.pagesName(), increment);
                    bytes += upload.image(container, name, new ByteArrayInputStream(increment.pagemap()));
                    images.keySet().removeAll(List.of(name, increment.pagesName()));
                }
            }
        }
        return bytes;
    }

    private static void awaitAll(Map<String, Future<Long>> dumps, List<Future<?>> sent, Runnable dumped)
            throws StepFailed {
        StepFailed failure = null;
        for (Map.Entry<String, Future<Long>> dump : dumps.entrySet()) {
            String problem = problem(dump.getValue());
            if (problem != null && failure == null) {
                failure = new StepFailed("DumpFailed", "container " + dump.getKey() + ": " + problem);
            }
        }
        if (failure == null) {
            dumped.run();
        }
        for (Future<?> task : sent) {
            String problem = problem(task);
            if (problem != null && failure == null) {
                failure = new StepFailed("TransferFailed", problem);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable String problem(Future<?> task) {
        try {
            task.get();
            return null;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            return String.valueOf((cause == null ? e : cause).getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }
}
