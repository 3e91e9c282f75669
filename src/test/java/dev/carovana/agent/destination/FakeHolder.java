// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.destination;

import dev.carovana.agent.hold.Holder;
import dev.carovana.agent.hold.HolderStatus;
import dev.carovana.agent.journal.PodKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A holder that does at once what it is told, unless the test says otherwise. */
final class FakeHolder implements Holder {
    /** What it says when it was told something. */
    final Map<String, String> answers = new ConcurrentHashMap<>(
            Map.of("prepare", "held", "restore", "restored", "resume", "resumed", "discard", "failed"));

    /** What is looked at when it is told to restore. */
    volatile Runnable restoring = () -> {};

    private final PodKey pod;
    private final String container;
    private final List<String> events;
    private final Runnable changed;
    private volatile String state = "held";
    private volatile boolean ready;

    /** @param events of all holders: what they were told, and what they said */
    FakeHolder(PodKey pod, String container, List<String> events, Runnable changed) {
        this.pod = pod;
        this.container = container;
        this.events = events;
        this.changed = changed;
    }

    /** As it connects. */
    FakeHolder in(String first) {
        state = first;
        return this;
    }

    void say(String next) {
        events.add(container + " " + next);
        state = next;
        ready = true;
        changed.run();
    }

    private void told(String word) {
        events.add(word + " " + container);
        String answer = answers.get(word);
        if (answer != null) {
            Thread.ofVirtual().start(() -> say(answer));
        }
    }

    @Override
    public HolderStatus status() {
        return new HolderStatus(
                1,
                "container",
                "m-1",
                pod.uid(),
                pod.namespace(),
                pod.name(),
                container,
                "id of " + container,
                "sandbox",
                "/bundle",
                "/run/netns/x",
                2,
                state,
                ready,
                3,
                state.equals("failed") ? "criu said no" : null);
    }

    @Override
    public void prepare(Path imagePath, Path workPath) {
        told("prepare");
    }

    @Override
    public void describe(Path descriptors) {
        told("describe");
    }

    @Override
    public void restore(Path imagePath, Path workPath, Path descriptors) {
        restoring.run();
        told("restore");
    }

    @Override
    public void resume() {
        told("resume");
    }

    @Override
    public void discard() {
        told("discard");
    }

    @Override
    public void end() {
        told("end");
    }
}
