// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.files.TreeReader;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.transfer.Messages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A pod that does what it is told, and tells it; or that fails in one of the steps. */
final class FakePod implements SourcePod {
    final List<String> calls = new CopyOnWriteArrayList<>();
    /** What happens elsewhere in a step. */
    final Map<String, Runnable> meanwhile = new ConcurrentHashMap<>();

    volatile String failing = "";
    volatile boolean running = true;
    volatile boolean complete = true;
    /** What names its files. */
    volatile Callable<Boolean> naming = () -> false;

    volatile List<Trees.Tree> trees = List.of();
    volatile Messages.@Nullable Claims claims;
    volatile List<Path> processes = List.of();
    /** Images of every container, beside its first pages. */
    volatile Map<String, byte[]> dumped = Map.of();

    private final Path images;
    private final List<TreeReader> readers = new ArrayList<>();

    FakePod(Path images) {
        this.images = images;
    }

    private void step(String name) {
        calls.add(name);
        meanwhile.getOrDefault(name, () -> {}).run();
    }

    private void mayBreak(String name) throws IOException {
        step(name);
        if (failing.equals(name)) {
            throw new IOException(name + " is broken");
        }
    }

    private void mayFail(String name) throws StepFailed {
        step(name);
        if (failing.equals(name)) {
            throw new StepFailed("FreezeFailed", name + " is broken");
        }
    }

    @Override
    public Map<String, List<String>> mountedFiles() {
        return Map.of("cart", List.of("/etc/app.conf"));
    }

    @Override
    public Messages.@Nullable Claims showVolumes(String migration) throws IOException {
        if (claims != null) {
            mayBreak("showVolumes");
        }
        return claims;
    }

    @Override
    public void prepare() throws IOException {
        Files.createDirectories(images);
        mayBreak("prepare");
    }

    @Override
    public byte[] describe(String container) {
        return container.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public List<TreeReader> files() throws IOException {
        mayBreak("files");
        for (Trees.Tree tree : trees) {
            readers.add(TreeReader.prepare(tree, images.resolve("files-" + readers.size() + ".out")));
        }
        return readers;
    }

    @Override
    public List<Path> processes(String container) throws IOException {
        mayBreak("processes");
        return processes;
    }

    @Override
    public boolean runs() {
        return running;
    }

    @Override
    public void refuseConnections() throws StepFailed {
        mayFail("refuseConnections");
    }

    @Override
    public void freeze() throws StepFailed {
        mayFail("freeze");
    }

    @Override
    public void dump(String container) throws IOException {
        Files.createDirectories(images.resolve(container));
        Files.writeString(images.resolve(container).resolve("pages-1.img"), "memory of " + container);
        for (Map.Entry<String, byte[]> file : dumped.entrySet()) {
            Files.write(images.resolve(container).resolve(file.getKey()), file.getValue());
        }
        mayBreak("dump");
    }

    @Override
    public void flush() throws IOException {
        if (claims != null) {
            mayBreak("flush");
        }
    }

    @Override
    public List<Path> images(String container) throws IOException {
        try (Stream<Path> files = Files.list(images.resolve(container))) {
            return files.toList();
        }
    }

    @Override
    public boolean nameFiles() throws IOException {
        try {
            return naming.call();
        } catch (Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public boolean resume() {
        step("resume");
        return complete;
    }

    @Override
    public void left() {
        if (claims != null) {
            step("left");
        }
    }

    @Override
    public void release() {
        readers.forEach(TreeReader::close);
        step("release");
    }
}
