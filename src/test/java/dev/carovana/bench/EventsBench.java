// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures mobility events: how many are taken, how long it is from an event to its Migration, and the controller's
 * memory. {@code bench/events/run} starts it.
 */
final class EventsBench {
    private static final String HEAD =
            "instances,api_server_gogc,trivial_per_s,single_per_s,batch_per_s,sent_per_s,taken_per_s,moves_per_s,"
                    + "moves,not_moved,p50_ms,p95_ms,p99_ms,create_p50_ms,create_p99_ms,idle_create_p50_ms,"
                    + "start_p50_ms,start_p95_ms,rss_mib,heap_mib";

    /** The API server inherits it; what the Go runtime takes by itself is 100. */
    private static final String GOGC = System.getenv().getOrDefault("GOGC", "100");

    private final int rate;
    private final int movesPerSecond;
    private final int seconds;

    private EventsBench(int rate, int movesPerSecond, int seconds) {
        this.rate = rate;
        this.movesPerSecond = movesPerSecond;
        this.seconds = seconds;
    }

    /** FILE RATE MOVES SECONDS INSTANCES… */
    public static void main(String[] args) throws IOException, InterruptedException {
        EventsBench bench =
                new EventsBench(Integer.parseInt(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
        Path file = Path.of(args[0]);
        Files.writeString(file, HEAD + "\n");
        for (String instances : List.of(args).subList(4, args.length)) {
            Files.writeString(file, bench.measure(Integer.parseInt(instances)) + "\n", StandardOpenOption.APPEND);
        }
        System.exit(0); // clients leave threads behind
    }

    private String measure(int instances) throws IOException, InterruptedException {
        try (Hub hub = new Hub();
                Moves moves = new Moves(hub.client())) {
            Population population = new Population(hub.client(), hub.function("cart"), hub.sites());
            say("%d instances are written", instances);
            population.create(instances);
            double idle = idleCreate(moves);
            say("the controller starts");
            hub.startController();
            Usage usage = new Usage(hub.controller());
            try (Sender sender = new Sender(hub.controller(), hub.token())) {
                Load load = new Load(sender, moves, instances);
                Latencies atStart = atStart(load, moves);
                String row = measure(load, moves, usage);
                say("not taken, by status: %s", sender.failures());
                return String.format(Locale.ROOT, row, instances, GOGC, idle, atStart.millis(50), atStart.millis(95));
            }
        }
    }

    /** Users who move while the controller still looks at all that is there. */
    private Latencies atStart(Load load, Moves moves) throws InterruptedException {
        moves.restart();
        load.steady(20, rate / 10, movesPerSecond);
        awaitMoves(moves);
        Latencies ofEvents = moves.ofEvents();
        moves.restart();
        say("event to Migration, right after the start: %s", ofEvents);
        return ofEvents;
    }

    private String measure(Load load, Moves moves, Usage usage) throws IOException, InterruptedException {
        awaitRest(usage);
        say("warming up");
        load.steady(seconds / 2, rate / 2, movesPerSecond);
        load.batches(seconds / 4);
        double trivial = load.trivial(seconds / 2);
        double single = load.single(seconds / 2);
        double batches = load.batches(seconds / 2);
        say("a second: %.0f trivial requests, %.0f events alone, %.0f in batches", trivial, single, batches);
        awaitRest(usage);
        moves.restart();
        double taken = load.steady(seconds, rate, movesPerSecond);
        awaitMoves(moves);
        Latencies ofEvents = moves.ofEvents();
        Latencies ofCreates = moves.ofCreates();
        say("taken a second: %.0f", taken);
        say("event to Migration: %s", ofEvents);
        say("plain create: %s", ofCreates);
        return String.format(
                Locale.ROOT,
                "%%d,%%s,%.0f,%.0f,%.0f,%d,%.0f,%d,%d,%d,%.1f,%.1f,%.1f,%.1f,%.1f,%%.1f,%%.1f,%%.1f,%.0f,%.0f",
                trivial,
                single,
                batches,
                rate,
                taken,
                movesPerSecond,
                ofEvents.count(),
                moves.missing(),
                ofEvents.millis(50),
                ofEvents.millis(95),
                ofEvents.millis(99),
                ofCreates.millis(50),
                ofCreates.millis(99),
                usage.peakMebibytes(),
                usage.heapMebibytes());
    }

    /** What the API server needs for a Migration when nobody else wants anything of it, at the median. */
    private static double idleCreate(Moves moves) {
        for (int n = 0; n < 100; n++) {
            moves.create();
        }
        awaitMoves(moves);
        double median = moves.ofCreates().millis(50);
        say("plain create, idle: %s", moves.ofCreates());
        return median;
    }

    private static void awaitMoves(Moves moves) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (moves.missing() > 0 && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Until the controller has done what it had to: it uses less than a tenth of a processor for two seconds. */
    private static void awaitRest(Usage usage) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        double before = -1;
        double now = usage.processorSeconds();
        while (now - before > 0.2) {
            before = now;
            Thread.sleep(2000); // processor time is not something that tells when it has grown
            now = usage.processorSeconds();
        }
        say("the controller was busy for %d s", (System.nanoTime() - begin) / 1_000_000_000);
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
