// SPDX-License-Identifier: Apache-2.0
package dev.carovana.kubernetes;

import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.concurrent.CompletionStage;
import org.jboss.logging.Logger;

/** Informers end for good when their first list fails, unless they are started here. */
public final class Informers {
    private static final Logger LOG = Logger.getLogger(Informers.class);

    private Informers() {}

    /**
     * Begins to fill one that is not started yet. An API server that is slow, away, or does not let it in yet, is waited for.
     *
     * @return completes when it is filled
     */
    public static CompletionStage<Void> start(SharedIndexInformer<?> informer) {
        informer.exceptionHandler((started, failure) -> {
            LOG.warnf(
                    "waiting for the API server to %s %s: %s",
                    started ? "go on telling of" : "list", informer, message(failure));
            return true;
        });
        return informer.start();
    }

    /** Waits until one that was started is filled; it is given up if the process is told to end meanwhile. */
    public static void await(SharedIndexInformer<?> informer, CompletionStage<Void> filled) {
        Thread end = new Thread(informer::stop);
        Runtime.getRuntime().addShutdownHook(end);
        filled.toCompletableFuture().join();
        Runtime.getRuntime().removeShutdownHook(end);
    }

    private static String message(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString();
    }
}
