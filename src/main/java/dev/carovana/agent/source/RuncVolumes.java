// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.files.VolumeMarks;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.PreparedCommand;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.transfer.Messages;
import dev.carovana.kubernetes.ClaimMount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The volumes with a claim of a pod that leaves. See docs/adr/0038. */
final class RuncVolumes implements AutoCloseable {
    private static final Duration FLUSH_LIMIT = Duration.ofSeconds(2);
    private static final List<String> SYNC = List.of("sync", "--file-system");

    private final Trees trees;
    private final PodVolumes volumes;

    private String migration = "";
    private List<Path> shown = List.of();
    private @Nullable PreparedCommand flush;

    RuncVolumes(Trees trees, PodVolumes volumes) {
        this.trees = trees;
        this.volumes = volumes;
    }

    PodVolumes all() {
        return volumes;
    }

    /** What the destination is told of them; null if there are none. */
    Messages.@Nullable Claims show(Map<String, RuncState> containers, String by) throws IOException {
        if (volumes.mounts().isEmpty()) {
            return null;
        }
        migration = by;
        shown = VolumeMarks.show(written(containers), migration);
        Map<String, List<String>> shared = new HashMap<>();
        for (ClaimMount mount : volumes.ofShared()) {
            if (shown.contains(trees.claim(mount, containers))) {
                add(shared, mount);
            }
        }
        Map<String, List<String>> sent = new HashMap<>();
        volumes.ofSent().forEach(mount -> add(sent, mount));
        return new Messages.Claims(shared, sent);
    }

    private static void add(Map<String, List<String>> paths, ClaimMount mount) {
        paths.computeIfAbsent(mount.container(), container -> new ArrayList<>()).add(mount.path());
    }

    private void hide() {
        VolumeMarks.hide(shown, migration);
        shown = List.of();
    }

    /** Writes out what there is by now, so that little is left for the freeze. */
    void prepareFlush(Map<String, RuncState> containers, Path output) throws IOException {
        hide();
        List<String> folders = written(containers).stream().map(Path::toString).toList();
        if (folders.isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(SYNC);
        command.addAll(folders);
        Node.execute(command).orThrow();
        List<String> later = new ArrayList<>(List.of("sh", "-c", "read -r word && exec \"$@\"", "sh"));
        later.addAll(command);
        flush = PreparedCommand.start(later, "go\n", output);
    }

    void flush() throws IOException {
        if (flush == null) {
            return;
        }
        try {
            Node.Result result = flush.go()
                    .orTimeout(FLUSH_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            if (result.exitCode() != 0) {
                throw new IOException("what was written to shared volumes cannot be flushed: " + result.output());
            }
        } catch (CompletionException e) {
            throw new IOException(
                    "what was written to shared volumes was not flushed within " + FLUSH_LIMIT.toMillis() + " ms", e);
        }
    }

    /** What is left in those that were sent is a copy. */
    void left(Map<String, RuncState> containers) throws IOException {
        for (ClaimMount sent : volumes.ofSent()) {
            VolumeMarks.setOwner(trees.claim(sent, containers), volumes.instance());
        }
    }

    private List<Path> written(Map<String, RuncState> containers) throws IOException {
        List<Path> folders = new ArrayList<>();
        for (ClaimMount mount : volumes.ofShared()) {
            Path folder = trees.claim(mount, containers);
            if (!mount.readOnly() && !folders.contains(folder)) {
                folders.add(folder);
            }
        }
        return folders;
    }

    @Override
    public void close() {
        hide();
        if (flush != null) {
            flush.close();
        }
    }
}
