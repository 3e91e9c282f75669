// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.transfer;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.carovana.agent.journal.ContainerTimes;
import dev.carovana.agent.journal.DestinationStep;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The frames that carry JSON. Fields may be added; a receiver ignores what it does not know. */
public final class Messages {
    private Messages() {}

    /**
     * @param transfer whether files will follow; else the source only asks, or cancels
     * @param address of the source pod: its connections are bound to it
     * @param files paths, by container, on which files of volumes are mounted: without them the destination would mount
     *     folders. An older source does not tell them
     * @param claims its volumes with a claim; null if it has none
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Hello(
            int version,
            String migration,
            String token,
            boolean transfer,
            String address,
            @Nullable Map<String, List<String>> files,
            @Nullable Claims claims) {
        static final int VERSION = 1;

        public Hello(
                int version,
                String migration,
                String token,
                boolean transfer,
                String address,
                @Nullable Map<String, List<String>> files) {
            this(version, migration, token, transfer, address, files, null);
        }
    }

    /**
     * Volumes with a claim: paths, by container.
     *
     * @param shared where the source shows a file that the destination is to see as well
     * @param sent whose content will come
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Claims(Map<String, List<String>> shared, Map<String, List<String>> sent) {}

    /**
     * Where the destination stands.
     *
     * @param memoryRoom bytes of memory that it would take ahead of the dump
     * @param restoredAt of each container, in microseconds since the epoch
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Standing(
            DestinationStep step, String reason, String message, long memoryRoom, Map<String, Long> restoredAt) {}

    /** What a file is. */
    public enum Kind {
        /** A file of a container's dump. */
        IMAGE,
        /** An image of the memory of a container's processes, sent ahead of the dump, which is an increment to it. */
        MEMORY,
        /** The changes of a container's writable layer, as a tar stream. */
        LAYER,
        /** An emptyDir volume, as a tar stream. */
        VOLUME,
        /** A volume with a claim, as a tar stream. */
        CLAIM,
        /** The pod's /dev/shm, as a tar stream. */
        SHM
    }

    /**
     * @param owner the container of an image, memory, layer or claim, the name of a volume, else empty
     * @param name the file's name, of an image or memory; where the container has a claim
     * @param deletes what of the tree must be removed before the stream is applied
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Open(int id, Kind kind, String owner, String name, List<String> deletes) {}

    /** @param digest CRC32C of all its bytes in order */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Close(int id, long size, int digest) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Done(int files, long bytes) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Refused(String reason, String message) {}

    /** The handover, with what the source has measured: it may not live to tell the hub. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record End(Map<String, ContainerTimes> times, long bytesSent) {}

    /** A frame that says no more than its type. */
    record Empty() {}
}
