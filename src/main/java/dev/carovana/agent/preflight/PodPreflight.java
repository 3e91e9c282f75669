// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import dev.carovana.agent.AgentConfig;
import dev.carovana.agent.Pods;
import dev.carovana.agent.files.PodVolumes;
import dev.carovana.agent.files.SharedMappings;
import dev.carovana.agent.files.SubPaths;
import dev.carovana.agent.files.TreeSnapshot;
import dev.carovana.agent.files.Trees;
import dev.carovana.agent.runtime.Freezer;
import dev.carovana.agent.runtime.Node;
import dev.carovana.agent.runtime.RuncState;
import dev.carovana.agent.transfer.Messages.Kind;
import dev.carovana.kubernetes.PodContainers;
import dev.carovana.link.v1.Preflight;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.link.v1.Reason;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a running pod has that cannot be moved, and how much of it there is, as only its node can see. */
public final class PodPreflight {
    /** Things behind a file descriptor that CRIU cannot dump, with the remedy. */
    private static final Map<String, String> UNDUMPABLE = Map.of(
            "anon_inode:[io_uring]", "io_uring: give the pod seccompProfile RuntimeDefault, which hides it",
            "anon_inode:[perf_event]", "a perf event: stop the profiler");

    /** CAP_SYS_RESOURCE in a set of capabilities. */
    private static final long SYS_RESOURCE = 1L << 24;

    private final AgentConfig config;
    private final Node node;
    private final Pods pods;
    private final Confinements confinements;

    public PodPreflight(AgentConfig config, Node node, Pods pods) {
        this.config = config;
        this.node = node;
        this.pods = pods;
        confinements = new Confinements(node.see("/sys/kernel/security/apparmor"), Path.of("/proc"));
    }

    /** At the destination nothing is asked of the pod: its answer brings the node's facts up to date. */
    public PreflightResult check(Preflight question) {
        PreflightResult.Builder answer = PreflightResult.newBuilder().setMigration(question.getMigration());
        try {
            answer.setAppArmor(confinements.ofNode());
        } catch (IOException e) {
            answer.addReasons(reason("NodeUnreadable", String.valueOf(e.getMessage())));
        }
        if (question.hasPod()) {
            checkPod(question, answer);
        }
        answer.addAllClaims(pods.claims(
                question.getNamespace(),
                question.getClaimsList(),
                question.getPod().getName()));
        String account = question.getServiceAccount();
        if (!account.isEmpty() && pods.lacksServiceAccount(question.getNamespace(), account)) {
            answer.addReasons(reason(
                    "ServiceAccount",
                    "the destination's cluster has no ServiceAccount '" + account + "' in namespace "
                            + question.getNamespace() + ", expected one: the function has its token"));
        }
        return answer.build();
    }

    private void checkPod(Preflight question, PreflightResult.Builder answer) {
        Optional<Pod> pod =
                pods.find(question.getPod().getNamespace(), question.getPod().getName());
        if (pod.isEmpty()) {
            answer.addReasons(reason("PodNotHere", "pod " + question.getPod().getName() + " is not on this node"));
            return;
        }
        try {
            look(pod.get(), question, answer);
        } catch (IOException e) {
            answer.addReasons(reason("PodUnreadable", String.valueOf(e.getMessage())));
        }
    }

    private void look(Pod pod, Preflight question, PreflightResult.Builder answer) throws IOException {
        runningEphemeral(pod)
                .forEach(name -> answer.addReasons(reason(
                        "EphemeralContainer",
                        "ephemeral container " + name + " runs, expected it to have ended: it does not move")));
        Map<String, RuncState> states = new LinkedHashMap<>();
        Map<String, List<Long>> processes = new LinkedHashMap<>();
        for (ContainerStatus status : PodContainers.statuses(pod)) {
            if (question.getContainersList().contains(status.getName()) && status.getContainerID() != null) {
                String id = status.getContainerID()
                        .substring(status.getContainerID().indexOf("://") + 3);
                RuncState state = RuncState.read(node.see(config.runcRoot() + "/" + id + "/state.json"));
                states.put(status.getName(), state);
                processes.put(status.getName(), new Freezer(node.see(state.freezer()), state.unified()).pids());
            }
        }
        answer.addAllConfinements(confinements.ofContainers(processes));
        long memory = 0;
        for (Map.Entry<String, List<Long>> container : processes.entrySet()) {
            if (container.getValue().stream().anyMatch(pid -> GuardPages.areIn(Path.of("/proc/" + pid)))) {
                answer.addGuarded(container.getKey());
            }
            for (long pid : container.getValue()) {
                memory += memoryOf(pid);
                checkDescriptors(container.getKey(), pid, answer);
                checkUser(container.getKey(), pid, answer);
                if (isStopped(pid)) {
                    answer.addReasons(reason(
                            "Stopped",
                            "container " + container.getKey() + ", process " + pid
                                    + " is stopped by job control or a debugger: its dump would hang"));
                }
            }
        }
        processes.forEach((container, pids) -> answer.addAllReasons(Obstacles.ofContainer(container, foldersOf(pids))));
        answer.setMemoryBytes(memory);
        boolean mapped = SharedMappings.areWritable(processes.values().stream()
                .flatMap(List::stream)
                .map(pid -> Path.of("/proc/" + pid))
                .toList());
        PodVolumes volumes = PodVolumes.of(pod, question.getSendVolumesList());
        SharedVolumeFiles.problems(Path.of("/proc"), volumes.ofShared(), processes)
                .forEach(answer::addReasons);
        long count = 0;
        long bytes = 0;
        long late = 0;
        long sent = 0;
        for (Trees.Tree tree : new Trees(node).of(pod.getMetadata().getUid(), states, volumes)) {
            TreeSnapshot now = TreeSnapshot.of(tree.path());
            long inTree = Occupied.bytes(tree.path(), now);
            count += now.files().size();
            bytes += inTree;
            sent += tree.kind() == Kind.CLAIM ? inTree : 0;
            late += now.tellsChanges(tree) && !mapped ? 0 : inTree;
        }
        answer.setFiles(count).setFilesBytes(bytes).setLateFilesBytes(late).setSentBytes(sent);
        for (String mount : new SubPaths(node, pod.getMetadata().getUid()).replaced()) {
            answer.addReasons(
                    reason(
                            "SubPathReplaced",
                            "volume-subpaths/" + mount
                                    + " (volume, container, number of the mount): what is mounted by subPath "
                                    + "was replaced in its volume, expected the same: write into the file, or start the container anew"));
        }
        if (!states.isEmpty()) {
            long first = states.values().iterator().next().initPid();
            answer.addAllReasons(Obstacles.ofPod(Path.of("/proc/" + first)));
            checkSharedIpc(first, answer);
            checkConnections(processes, answer);
        }
    }

    /** Parents before their children, unless numbers have begun anew between them. */
    private static List<Path> foldersOf(List<Long> pids) {
        return pids.stream().sorted().map(pid -> Path.of("/proc/" + pid)).toList();
    }

    /** Ephemeral containers are known to the site's own cluster only. */
    static List<String> runningEphemeral(Pod pod) {
        return pod.getStatus().getEphemeralContainerStatuses().stream()
                .filter(status -> status.getState() != null && status.getState().getRunning() != null)
                .map(ContainerStatus::getName)
                .toList();
    }

    /** What a dump writes of a process: its own pages, not those of files. */
    private static long memoryOf(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Anonymous:") || line.startsWith("Shared_Dirty:"))
                            .map(line -> line.replaceAll("\\D", ""))
                            .mapToLong(Long::parseLong)
                            .sum()
                    << 10;
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0; // it has just ended
        }
    }

    /** A node that is a container itself often may not read the limits of another user's process, and CRIU must. */
    private static void checkUser(String container, long pid, PreflightResult.Builder answer) {
        long user = statusOf(Long.toString(pid), "Uid", 10);
        if (user > 0 && (statusOf("self", "CapEff", 16) & SYS_RESOURCE) == 0) {
            answer.addReasons(reason(
                    "User",
                    "container " + container + ", process " + pid + " runs as user " + user
                            + ", expected root: this node lacks CAP_SYS_RESOURCE, which CRIU needs for other users"));
        }
    }

    /** The first number of a line of /proc/PID/status; 0 if the process has just ended. */
    private static long statusOf(String pid, String field, int radix) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .map(line -> line.substring(field.length() + 1).strip().split("\\s+")[0])
                    .mapToLong(number -> Long.parseLong(number, radix))
                    .findFirst()
                    .orElse(0);
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0;
        }
    }

    private static boolean isStopped(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return "Tt".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
        } catch (IOException e) {
            return false; // it has just ended
        }
    }

    private static void checkDescriptors(String container, long pid, PreflightResult.Builder answer) {
        for (String target : descriptors(pid).values()) {
            String what = UNDUMPABLE.get(target);
            if (what != null) {
                answer.addReasons(reason("Undumpable", "container " + container + ", process " + pid + " has " + what));
            } else if (target.startsWith("/dev/")
                    && !target.matches("/dev/(null|zero|full|u?random|tty|shm/.*|pts/.*)")) {
                answer.addReasons(reason(
                        "Device",
                        "container " + container + ", process " + pid + " has " + target
                                + " open, which does not move"));
            }
        }
    }

    private static Map<String, String> descriptors(long pid) {
        Map<String, String> targets = new HashMap<>();
        try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path fd : all.toList()) {
                targets.put(
                        fd.getFileName().toString(), Files.readSymbolicLink(fd).toString());
            }
        } catch (IOException e) {
            return targets; // it has just ended, or closed it
        }
        return targets;
    }

    private static void checkSharedIpc(long pid, PreflightResult.Builder answer) throws IOException {
        SharedIpc shared = new SharedIpc(Path.of("/proc/" + pid));
        shared.systemV().ifPresent(problem -> answer.addReasons(reason("SystemVIpc", problem)));
        shared.messageQueues().ifPresent(problem -> answer.addReasons(reason("MessageQueue", problem)));
    }

    private static void checkConnections(Map<String, List<Long>> processes, PreflightResult.Builder answer)
            throws IOException {
        Optional<Long> any = processes.values().stream().flatMap(List::stream).findFirst();
        if (any.isEmpty()) {
            return;
        }
        OpenFiles open = new OpenFiles();
        lookThrough(processes, open);
        String sockets = Node.execute(
                        Node.inNetwork(Path.of("/proc/" + any.get() + "/ns/net"), List.of("ss", "-xaeHn")))
                .orThrow();
        lookThrough(
                processes,
                open); // of two that have just been connected with each other the first look may have seen one
        UnixSockets unix = UnixSockets.of(sockets.lines(), open);
        unix.problems().forEach(problem -> answer.addReasons(reason("UnixSocket", problem)));
        answer.addAllAbstractDatagrams(unix.abstractDatagrams());
        open.sharedPipes().forEach(problem -> answer.addReasons(reason("SharedPipe", problem)));
    }

    private static void lookThrough(Map<String, List<Long>> processes, OpenFiles open) {
        processes.forEach((container, pids) ->
                pids.forEach(pid -> open.add(container, descriptors(pid).values())));
    }

    private static Reason reason(String code, String message) {
        return Reason.newBuilder().setCode(code).setMessage(message).build();
    }
}
