// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.source;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.files.SubPaths;
import dev.carovana.agent.files.TreeReader;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.journal.Journal;
import dev.carovana.agent.runtime.AcceptQueues;
import dev.carovana.agent.runtime.Dump;
import dev.carovana.agent.runtime.Freezer;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.PreparedCommand;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.runtime.Shield;
import dev.carovana.agent.runtime.StreamSockets;
import dev.carovana.agent.runtime.UnsentData;
import dev.carovana.agent.transfer.Messages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A pod of this node whose containers runc runs. */
final class RuncPod implements SourcePod {
    private static final Logger LOG = Logger.getLogger(RuncPod.class);
    private static final Duration READY_LIMIT = Duration.ofSeconds(1);
    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(2);
    private static final Duration ACCEPT_LIMIT = Duration.ofMillis(200);
    private static final Duration UNSENT_LIMIT = Duration.ofMillis(200);
    /** The kernel goes on to deliver, and may be asked to acknowledge a little later. */
    private static final Duration FROZEN_LIMIT = Duration.ofMillis(50);

    private static final int OPEN_ATTEMPTS = 3;

    private final AgentConfig config;
    private final Node node;
    private final String podUid;
    private final Map<String, String> containerIds;
    private final Path images;
    private final RuncVolumes volumes;

    private final Map<String, RuncState> states = new LinkedHashMap<>();
    private final Map<String, Dump> dumps = new LinkedHashMap<>();
    private final List<TreeReader> files = new ArrayList<>();
    private @Nullable PreparedCommand refuse;
    private @Nullable PreparedCommand close;

    /** @param volumes those with a claim */
    RuncPod(
            AgentConfig config,
            Node node,
            String podUid,
            Map<String, String> containerIds,
            Path images,
            PodVolumes volumes) {
        this.config = config;
        this.node = node;
        this.podUid = podUid;
        this.containerIds = containerIds;
        this.images = images;
        this.volumes = new RuncVolumes(new Trees(node), volumes);
    }

    @Override
    public Map<String, List<String>> mountedFiles() throws IOException {
        SubPaths subPaths = new SubPaths(node, podUid);
        Map<String, List<String>> files = new HashMap<>();
        readStates().forEach((container, state) -> files.put(container, subPaths.files(state.mounts())));
        return files;
    }

    @Override
    public Messages.@Nullable Claims showVolumes(String migration) throws IOException {
        return volumes.show(readStates(), migration);
    }

    private Map<String, RuncState> readStates() throws IOException {
        Map<String, RuncState> read = new LinkedHashMap<>();
        for (Map.Entry<String, String> id : containerIds.entrySet()) {
            read.put(id.getKey(), state(id.getValue()));
        }
        return read;
    }

    @Override
    public void prepare() throws IOException {
        states.putAll(readStates());
        Journal.createPrivate(images);
        volumes.prepareFlush(states, images.resolve("flush.out"));
        Shield shield = shield();
        shield.raise();
        refuse = shield.prepareRefusing(images.resolve("refuse.out"));
        close = shield.prepareClosing(images.resolve("close.out"));
        String streams = StreamSockets.options(process().resolve("ns/net"));
        for (Map.Entry<String, RuncState> state : states.entrySet()) {
            Path folder = images.resolve(state.getKey());
            dumps.put(state.getKey(), Dump.prepare(config, node, state.getValue(), folder, streams));
        }
        for (Dump dump : dumps.values()) {
            dump.awaitReady(READY_LIMIT);
        }
    }

    private RuncState state(String containerId) throws IOException {
        return RuncState.read(node.see(config.runcRoot() + "/" + Journal.plain(containerId) + "/state.json"));
    }

    @Override
    public byte[] describe(String container) throws IOException {
        return Objects.requireNonNull(states.get(container), container).describe();
    }

    @Override
    public List<TreeReader> files() throws IOException {
        for (Trees.Tree tree : new Trees(node).of(podUid, states, volumes.all())) {
            files.add(TreeReader.prepare(tree, images.resolve("files-" + files.size() + ".out")));
        }
        return files;
    }

    @Override
    public List<Path> processes(String container) throws IOException {
        RuncState state = Objects.requireNonNull(states.get(container), container);
        return freezer(state).pids().stream()
                .map(pid -> Path.of("/proc", Long.toString(pid)))
                .toList();
    }

    @Override
    public boolean runs() throws IOException {
        for (RuncState state : states.values()) {
            if (freezer(state).pids().isEmpty()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void refuseConnections() throws StepFailed {
        check(Objects.requireNonNull(refuse, "prepare comes first").go().join());
        try {
            new AcceptQueues(process()).awaitEmpty(ACCEPT_LIMIT);
            refuseUnsent(UNSENT_LIMIT);
        } catch (IOException e) {
            throw new StepFailed("FreezeFailed", String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void freeze() throws StepFailed {
        try {
            List<Freezer> freezers = states.values().stream().map(this::freezer).toList();
            for (Freezer freezer : freezers) {
                freezer.requestFreeze();
            }
            for (Freezer freezer : freezers) {
                freezer.awaitFrozen(FREEZE_LIMIT);
            }
            refuseUnsent(FROZEN_LIMIT);
            // not before: what one container has just sent to another would have to be sent again, a second later
            check(Objects.requireNonNull(close, "prepare comes first").go().join());
        } catch (IOException e) {
            throw new StepFailed("FreezeFailed", String.valueOf(e.getMessage()));
        }
    }

    private void refuseUnsent(Duration limit) throws IOException, StepFailed {
        Optional<String> unsent = new UnsentData(process()).after(limit);
        if (unsent.isPresent()) {
            throw new StepFailed("UnsentData", unsent.get());
        }
    }

    private static void check(Node.Result shield) throws StepFailed {
        if (shield.exitCode() != 0) {
            throw new StepFailed("ShieldFailed", shield.output());
        }
    }

    @Override
    public void dump(String container) throws IOException {
        Objects.requireNonNull(dumps.get(container), container).run();
    }

    @Override
    public List<Path> images(String container) throws IOException {
        return Objects.requireNonNull(dumps.get(container), container).files();
    }

    @Override
    public void flush() throws IOException {
        volumes.flush();
    }

    @Override
    public void left() {
        try {
            volumes.left(states);
        } catch (IOException e) {
            LOG.errorf("pod=%s: %s", podUid, e.getMessage());
        }
    }

    /** See docs/adr/0028. */
    @Override
    public boolean nameFiles() throws IOException {
        boolean any = false;
        for (Map.Entry<String, Dump> dump : dumps.entrySet()) {
            if (dump.getValue().hasRemaps()) {
                RuncState state = Objects.requireNonNull(states.get(dump.getKey()), dump.getKey());
                List<String> command =
                        new ArrayList<>(List.of(config.wrapper(), "carovana-link", folder(dump.getKey())));
                freezer(state).pids().forEach(pid -> command.add(pid.toString()));
                Node.Result result = node.run(command);
                if (result.exitCode() != 0) {
                    throw new IOException("container " + dump.getKey() + ": " + result.output());
                }
                any |= !result.output().equals("0");
            }
        }
        return any;
    }

    private String folder(String container) {
        return images.resolve(container).toString();
    }

    /** What {@link #nameFiles} did, also by an agent before this one. */
    private void takeNamesAway() {
        for (String container : containerIds.keySet()) {
            if (Files.exists(images.resolve(container).resolve("remaps"))) {
                try {
                    node.run(List.of(config.wrapper(), "carovana-unlink", folder(container)))
                            .orThrow();
                } catch (IOException e) {
                    LOG.errorf(
                            "pod=%s container=%s: names that CRIU needs stay: %s", podUid, container, e.getMessage());
                }
            }
        }
    }

    @Override
    public boolean resume() {
        release();
        Dump.awaitAll(images);
        takeNamesAway();
        boolean complete = true;
        for (Map.Entry<String, String> id : containerIds.entrySet()) {
            try {
                RuncState state = state(id.getValue());
                states.put(id.getKey(), state);
                freezer(state).thaw();
            } catch (IOException e) {
                LOG.errorf("pod=%s container=%s cannot go on: %s", podUid, id.getKey(), e.getMessage());
                complete = false;
            }
        }
        removeShield();
        return complete;
    }

    /** A shield that stays closed does not change that the containers run: it is told, and is no reason to start others. */
    private void removeShield() {
        if (states.isEmpty()) {
            return;
        }
        for (int attempt = 1; attempt <= OPEN_ATTEMPTS; attempt++) {
            try {
                shield().remove();
                return;
            } catch (IOException e) {
                LOG.errorf("pod=%s: the packet shield stays: %s", podUid, e.getMessage());
            }
        }
    }

    @Override
    public void release() {
        for (PreparedCommand command :
                Stream.of(refuse, close).filter(Objects::nonNull).toList()) {
            command.close();
        }
        volumes.close();
        dumps.values().forEach(Dump::close);
        files.forEach(TreeReader::close);
    }

    private Freezer freezer(RuncState state) {
        return new Freezer(node.see(state.freezer()), state.unified());
    }

    /** A process in the pod's network namespace. */
    private Path process() {
        return Path.of("/proc/" + states.values().iterator().next().initPid());
    }

    private Shield shield() {
        return new Shield(process().resolve("ns/net"));
    }
}
