// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.files.LayerChanges;
import dev.carovana.agent.files.SharedMappings;
import dev.carovana.agent.files.TreeReader;
import dev.carovana.agent.files.TreeSnapshot;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.transfer.Upload;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Sends files while the pod runs. A tree that is still so in the freeze need not be read again; any other is sent whole.
 * Why that is safe, and when it is not: docs/adr/0017.
 *
 * @param stopped whether nobody wants it any more
 */
record FilesAhead(Upload upload, SourcePod pod, BooleanSupplier stopped) {
    /** What the trees were like that need not be sent again if they still are. */
    Map<Trees.Tree, TreeSnapshot> send(List<String> containers, List<TreeReader> files) throws IOException {
        Map<Trees.Tree, TreeSnapshot> sent = new HashMap<>();
        for (TreeReader reader : files) {
            Trees.Tree tree = reader.tree();
            TreeSnapshot before = TreeSnapshot.of(tree.path());
            boolean told = before.tellsChanges(tree) && !(before.hasContent() && writesThroughMemory(pod, containers));
            if (stopped.getAsBoolean() || !told) {
                continue;
            }
            if (!before.isEmpty()) {
                try (TreeReader ahead = reader.another("ahead")) {
                    send(upload, ahead, List.of());
                }
            }
            sent.put(tree, before);
        }
        return sent;
    }

    /** @param gone what of an earlier sending is no more */
    static long send(Upload upload, TreeReader reader, List<String> gone) throws IOException {
        LayerChanges changes = reader.go();
        List<String> deletes = new ArrayList<>(gone);
        deletes.addAll(changes.deletes());
        try (InputStream stream = reader.stream()) {
            Trees.Tree tree = reader.tree();
            long bytes = upload.tree(tree.kind(), tree.owner(), tree.name(), deletes, stream);
            reader.finish();
            return bytes;
        }
    }

    /** Whether a process of the pod can change a file in a way that does not show in the file's times. */
    static boolean writesThroughMemory(SourcePod pod, List<String> containers) throws IOException {
        for (String container : containers) {
            if (SharedMappings.areWritable(pod.processes(container))) {
                return true;
            }
        }
        return false;
    }
}
