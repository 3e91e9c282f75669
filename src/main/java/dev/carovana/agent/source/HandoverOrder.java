// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.transfer.RefusedException;
import dev.carovana.link.v1.Handover;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The hub's order to hand over: it comes with the migration, or later, or never. Thread-safe. */
final class HandoverOrder {
    private final CompletableFuture<Handover> order = new CompletableFuture<>();

    /** False if it has come before, or is not obeyed any more. */
    boolean give(Handover given) {
        return order.complete(given);
    }

    boolean isGiven() {
        return order.isDone() && !order.isCompletedExceptionally();
    }

    /** Nobody is to wait for it any longer. */
    void giveUp(StepFailed why) {
        order.completeExceptionally(why);
    }

    /** @param connection fails if it ends */
    Handover await(Duration limit, CompletableFuture<Void> connection) throws StepFailed, RefusedException {
        var unused = connection.whenComplete((nothing, end) -> order.completeExceptionally(end));
        try {
            return order.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            StepFailed late =
                    new StepFailed("HandoverTimeout", "no order to hand over within " + limit.toSeconds() + " s");
            giveUp(late);
            throw late;
        } catch (ExecutionException e) {
            throw failure(Objects.requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StepFailed("Interrupted", "interrupted while waiting for the order to hand over");
        }
    }

    private static StepFailed failure(Throwable cause) throws RefusedException {
        return switch (cause) {
            case StepFailed failed -> failed;
            case RefusedException refused -> throw refused;
            default ->
                new StepFailed(
                        "TransferCut", "the connection ended while the handover was waited for: " + cause.getMessage());
        };
    }
}
