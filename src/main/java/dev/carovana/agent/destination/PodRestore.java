// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The restore of a pod: of its containers, and of the sockets between them. See docs/adr/0031.
 *
 * @param folder with the images of all containers
 */
record PodRestore(Restore containers, List<Images> images, DestinationPod pod, Path folder, String podUid) {
    /** Null if all is restored and stopped, or what is wrong. */
    @Nullable
    String run() throws IOException {
        String problem;
        try (Closeable streams = keepStreams()) {
            problem = containers.run();
        }
        if (problem == null && images.stream().anyMatch(Images::hasConnections)) {
            pod.connectSockets(folder, podUid);
        }
        return problem;
    }

    private Closeable keepStreams() throws IOException {
        for (Images container : images) {
            if (container.hasStreams()) {
                return pod.keepStreams(folder, podUid);
            }
        }
        return () -> {};
    }
}
