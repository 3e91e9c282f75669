// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What runc keeps of one container.
 *
 * @param id container id
 * @param initPid its first process, as the node counts
 * @param freezer its cgroup in the hierarchy that freezes, as the node sees it
 * @param unified whether that is cgroup v2
 * @param labels OCI annotations, and what runc adds
 * @param rootfs merged root file system, as the node sees it
 * @param mounts paths in the container on which something is mounted, and what of the node that is
 * @param maskedPaths paths in the container that it may not see
 * @param descriptors what its standard input and output were when it was started
 */
public record RuncState(
        String id,
        long initPid,
        String freezer,
        boolean unified,
        Map<String, String> labels,
        String rootfs,
        Map<String, String> mounts,
        List<String> maskedPaths,
        List<String> descriptors) {
    /** Of every dump: the file in which runc tells {@link #descriptors}, and wants to be told them for a restore. */
    public static final String DESCRIPTORS = "descriptors.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param file runc's state.json as the agent sees it */
    public static RuncState read(Path file) throws IOException {
        return parse(JSON.readTree(file.toFile()));
    }

    static RuncState parse(JsonNode state) throws IOException {
        JsonNode groups = state.path("cgroup_paths");
        // on a hybrid node runc names the unified hierarchy too, beside the one that has the freezer
        boolean unified = !groups.has("freezer") && groups.has("");
        String freezer = groups.path(unified ? "" : "freezer").asText();
        if (freezer.isEmpty()) {
            throw new IOException("runc's state of " + state.path("id").asText() + " names no freezer cgroup");
        }
        JsonNode config = state.path("config");
        return new RuncState(
                state.path("id").asText(),
                state.path("init_process_pid").asLong(),
                freezer,
                unified,
                labels(config.path("labels")),
                config.path("rootfs").asText(),
                mounts(config.path("mounts")),
                texts(config.path("mask_paths")),
                texts(state.path("external_descriptors")));
    }

    private static Map<String, String> labels(JsonNode list) {
        Map<String, String> labels = new HashMap<>();
        for (JsonNode entry : list) {
            String text = entry.asText();
            int split = text.indexOf('=');
            if (split > 0) {
                labels.put(text.substring(0, split), text.substring(split + 1));
            }
        }
        return labels;
    }

    /** As {@link #mounts}, of a container that may not have been started. */
    public static Map<String, String> mountsOfBundle(Path bundle) throws IOException {
        return mounts(JSON.readTree(bundle.resolve("config.json").toFile()).path("mounts"));
    }

    private static Map<String, String> mounts(JsonNode list) {
        Map<String, String> mounts = new LinkedHashMap<>();
        for (JsonNode mount : list) {
            mounts.put(mount.path("destination").asText(), mount.path("source").asText());
        }
        return mounts;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(entry -> texts.add(entry.asText()));
        return texts;
    }

    /** The content of {@link #DESCRIPTORS}. */
    public byte[] describe() throws IOException {
        return JSON.writeValueAsBytes(descriptors);
    }

    public String sandboxId() {
        return labels.getOrDefault("io.kubernetes.cri.sandbox-id", "");
    }
}
