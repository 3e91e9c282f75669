// SPDX-License-Identifier: Apache-2.0
package dev.carovana.link;

import dev.carovana.link.v1.Facts;
import dev.carovana.link.v1.PreflightResult;
import dev.carovana.link.v1.Report;
import dev.carovana.link.v1.Side;
import dev.carovana.link.v1.Step;
import dev.carovana.link.v1.ToAgent;
import io.grpc.stub.StreamObserver;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The agents that are connected, and the last thing that each said of each migration. Nothing here is the only copy:
 * after a restart of the controller the agents connect again and say everything anew (R8). Thread-safe.
 */
@ApplicationScoped
public class Agents {
    /**
     * One connected agent.
     *
     * @param site its site, as its certificate says
     * @param node its node's name in the site's own cluster
     * @param version Carovana's version
     * @param address where other agents reach it
     * @param facts what its node has, at most some seconds old
     * @param stream the way to it
     */
    public record Agent(
            String site, String node, String version, String address, Facts facts, StreamObserver<ToAgent> stream) {
        Agent with(Facts newer) {
            return new Agent(site, node, version, address, newer, stream);
        }

        private Key key() {
            return new Key(site, node);
        }
    }

    /** What an agent said, and which one it was. */
    public record Said(String site, String node, Report report) {}

    /** Steps after which an agent's part in a migration is over. */
    private static final Set<Step> ENDS =
            Set.of(Step.RESTORED, Step.NEVER_RESUMED, Step.CLEANED, Step.RELEASED, Step.THAWED, Step.LOST);

    private record Key(String site, String node) {}

    private record Speaker(Side side, Key agent) {}

    private final Map<Key, Agent> connected = new ConcurrentHashMap<>();
    private final Map<Key, String> refused = new ConcurrentHashMap<>();
    /** By the uid of the migration: none costs more when there are many. */
    private final Map<String, Map<Speaker, Report>> reports = new ConcurrentHashMap<>();

    private final List<Consumer<String>> migrationListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<String>> siteListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<PreflightAnswer>> preflightListeners = new CopyOnWriteArrayList<>();

    /** An agent's answer to a question of preflight. */
    public record PreflightAnswer(String site, String node, PreflightResult result) {}

    /** Calls back with a migration's uid when an agent said something about it. */
    public void onReport(Consumer<String> listener) {
        migrationListeners.add(listener);
    }

    /** Calls back with a site's name when its agents have changed. */
    public void onSiteChange(Consumer<String> listener) {
        siteListeners.add(listener);
    }

    public void onPreflight(Consumer<PreflightAnswer> listener) {
        preflightListeners.add(listener);
    }

    /** The agents of a site, by node. */
    public List<Agent> at(String site) {
        return connected.values().stream()
                .filter(agent -> agent.site().equals(site))
                .sorted(Comparator.comparing(Agent::node))
                .toList();
    }

    public Optional<Agent> find(String site, String node) {
        return Optional.ofNullable(connected.get(new Key(site, node)));
    }

    /** Why agents of a site that tried to connect were sent away, by node. */
    public List<String> refusedAt(String site) {
        return refused.entrySet().stream()
                .filter(e -> e.getKey().site().equals(site))
                .map(e -> "agent of node " + e.getKey().node() + " refused: " + e.getValue())
                .sorted()
                .toList();
    }

    /** Sends to every agent of a site; those that are away hear it when the reconciler asks again. */
    public void send(String site, ToAgent message) {
        at(site).forEach(agent -> send(agent, message));
    }

    public void send(Agent agent, ToAgent message) {
        on(agent, stream -> stream.onNext(message));
    }

    /** The agents of a site that have said nothing as a destination of a migration: they may not have heard of it. */
    public List<Agent> unaware(String site, String migration) {
        Map<Speaker, Report> said = said(migration);
        return at(site).stream()
                .filter(agent -> !said.containsKey(new Speaker(Side.DESTINATION, agent.key())))
                .toList();
    }

    private Map<Speaker, Report> said(String migration) {
        return reports.getOrDefault(migration, Map.of());
    }

    /** The furthest that an agent of either side has come; an agent that only expects a pod says nothing of it. */
    public Optional<Said> said(String migration, Side side) {
        return said(migration).entrySet().stream()
                .filter(e -> e.getKey().side() == side)
                .max(Comparator.comparing((Map.Entry<Speaker, Report> e) -> concerned(e.getValue()))
                        .thenComparing(e -> e.getValue().getAtMicros()))
                .map(e -> new Said(e.getKey().agent().site(), e.getKey().agent().node(), e.getValue()));
    }

    private static boolean concerned(Report report) {
        return report.getStep() != Step.EXPECTING && !report.getPodUid().isEmpty();
    }

    /** The sites whose agents have said something of a migration. */
    public List<String> speaking(String migration) {
        return said(migration).keySet().stream()
                .map(speaker -> speaker.agent().site())
                .distinct()
                .toList();
    }

    /** The migrations that agents have said something of, by uid. */
    public List<String> spokenOf() {
        return List.copyOf(reports.keySet());
    }

    /** Forgets a migration that is over. */
    public void forget(String migration) {
        reports.remove(migration);
    }

    void refuse(String site, String node, String why) {
        refused.put(new Key(site, node), why);
        siteListeners.forEach(listener -> listener.accept(site));
    }

    void connect(Agent agent, List<Report> known) {
        refused.remove(agent.key());
        Agent before = connected.put(agent.key(), agent);
        if (before != null) {
            on(before, StreamObserver::onCompleted);
        }
        Map<String, Set<Speaker>> mentioned = new HashMap<>();
        for (Report report : known) {
            Speaker speaker = new Speaker(report.getSide(), agent.key());
            change(report.getMigration(), said -> said.put(speaker, report));
            mentioned
                    .computeIfAbsent(report.getMigration(), m -> new HashSet<>())
                    .add(speaker);
        }
        forgetOthers(agent.key(), mentioned);
        siteListeners.forEach(listener -> listener.accept(agent.site()));
        mentioned.keySet().forEach(this::tellListeners);
    }

    /** What an agent that has just connected does not mention it has forgotten. */
    private void forgetOthers(Key agent, Map<String, Set<Speaker>> mentioned) {
        reports.forEach((migration, said) -> {
            Set<Speaker> still = mentioned.getOrDefault(migration, Set.of());
            if (said.keySet().stream().anyMatch(s -> s.agent().equals(agent) && !still.contains(s))) {
                change(migration, s -> s.keySet()
                        .removeIf(speaker -> speaker.agent().equals(agent) && !still.contains(speaker)));
            }
        });
    }

    private void change(String migration, Consumer<Map<Speaker, Report>> change) {
        reports.compute(migration, (uid, known) -> {
            Map<Speaker, Report> said = known == null ? new ConcurrentHashMap<>() : known;
            change.accept(said);
            return said.isEmpty() ? null : said;
        });
    }

    void disconnect(Agent agent) {
        if (connected.computeIfPresent(
                        agent.key(), (key, now) -> Objects.equals(now.stream(), agent.stream()) ? null : now)
                == null) {
            siteListeners.forEach(listener -> listener.accept(agent.site()));
        }
    }

    void facts(Agent agent, Facts facts) {
        connected.computeIfPresent(agent.key(), (key, now) -> now.with(facts));
    }

    void report(Agent agent, Report report) {
        change(
                report.getMigration(),
                said -> said.merge(new Speaker(report.getSide(), agent.key()), report, Agents::laterOf));
        tellListeners(report.getMigration());
    }

    void preflight(Agent agent, PreflightResult result) {
        preflightListeners.forEach(l -> l.accept(new PreflightAnswer(agent.site(), agent.node(), result)));
    }

    /** An agent's threads may overtake each other: what comes after an end was said before it. */
    private static Report laterOf(Report known, Report now) {
        return ENDS.contains(known.getStep()) && !ENDS.contains(now.getStep()) ? known : now;
    }

    private void tellListeners(String migration) {
        migrationListeners.forEach(listener -> listener.accept(migration));
    }

    private static void on(Agent agent, Consumer<StreamObserver<ToAgent>> act) {
        Streams.on(agent.stream(), act);
    }
}
