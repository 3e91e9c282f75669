// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.controller.ControllerConfig;
import dev.carovana.link.Agents;
import dev.carovana.link.Agents.PreflightAnswer;
import dev.carovana.link.v1.Preflight;
import dev.carovana.link.v1.ToAgent;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Asks the agents of a site what speaks against a move, and waits for their answers. Thread-safe. */
@ApplicationScoped
public class AgentPreflights {
    private final Agents agents;
    private final Duration patience;
    private final Map<String, BlockingQueue<PreflightAnswer>> waiting = new ConcurrentHashMap<>();

    AgentPreflights(Agents agents, ControllerConfig config) {
        this.agents = agents;
        this.patience = config.timeouts().preflight();
        agents.onPreflight(answer -> {
            BlockingQueue<PreflightAnswer> queue = waiting.get(answer.result().getMigration());
            if (queue != null) {
                queue.add(answer);
            }
        });
    }

    /** The answers of a site's agents; those that do not answer in time are missing. */
    List<PreflightAnswer> ask(String site, Preflight question) {
        int expected = agents.at(site).size();
        BlockingQueue<PreflightAnswer> queue = new LinkedBlockingQueue<>();
        waiting.put(question.getMigration(), queue);
        try {
            agents.send(site, ToAgent.newBuilder().setPreflight(question).build());
            return collect(queue, expected);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            waiting.remove(question.getMigration());
        }
    }

    private List<PreflightAnswer> collect(BlockingQueue<PreflightAnswer> queue, int expected)
            throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        List<PreflightAnswer> answers = new ArrayList<>();
        while (answers.size() < expected) {
            PreflightAnswer answer = queue.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (answer == null) {
                break;
            }
            answers.add(answer);
        }
        return answers;
    }
}
