// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import dev.carovana.bench.Sender.Event;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Sends what a network sends: mostly events of users who have no instance or stay where they are; and moves. */
final class Load {
    /** Requests under way at once when it is measured how many can be taken. */
    private static final int CALLERS = 32;

    private static final int BATCH = 100;
    /** Of a hundred events of the background, those of users who have no instance. */
    private static final int STRANGERS = 70;

    private static final int TICKS_PER_SECOND = 500;
    private static final int PLAIN_CREATES_PER_SECOND = 2;
    /** Requests under way at once beyond which no further is sent: the controller is too slow then, and the figures say so. */
    private static final int MOST_UNDER_WAY = 2000;

    private final Sender sender;
    private final Moves moves;
    private final int instances;
    private final Random random = new Random(1);
    private final AtomicInteger underWay = new AtomicInteger();
    private int moved;

    Load(Sender sender, Moves moves, int instances) {
        this.sender = sender;
        this.moves = moves;
        this.instances = instances;
    }

    /** How many a second are answered as they should be when callers wait for nothing but answers. */
    private double capacity(int seconds, Supplier<CompletableFuture<Void>> call) {
        sender.takeCount();
        long begin = System.nanoTime();
        long end = begin + seconds * 1_000_000_000L;
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int caller = 0; caller < CALLERS; caller++) {
                callers.execute(() -> {
                    while (System.nanoTime() < end) {
                        call.get().join();
                    }
                });
            }
        }
        return sender.takeCount() / ((System.nanoTime() - begin) / 1e9);
    }

    double trivial(int seconds) {
        return capacity(seconds, sender::ping);
    }

    double single(int seconds) {
        return capacity(seconds, () -> sender.post(background()));
    }

    double batches(int seconds) {
        return capacity(seconds, () -> sender.post(backgrounds(BATCH)));
    }

    /**
     * Sends at a fixed rate whatever the answers do: half of the background alone, half in batches, moves alone; and
     * creates a few Migrations plainly. Moves and plain creates come at random moments: a fixed one would always be, or
     * never, that of a batch.
     *
     * @return how many were taken a second while they were sent
     */
    double steady(int seconds, int rate, int movesPerSecond) {
        BitSet moving = moments(seconds, movesPerSecond);
        BitSet creating = moments(seconds, PLAIN_CREATES_PER_SECOND);
        sender.takeCount();
        long begin = System.nanoTime();
        for (int tick = 0; tick < seconds * TICKS_PER_SECOND; tick++) {
            long due = begin + tick * (1_000_000_000L / TICKS_PER_SECOND);
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            for (int n = 0; n < due(tick, rate / 2.0); n++) {
                send(() -> sender.post(background()));
            }
            if (due(tick, rate / 2.0 / BATCH) > 0) {
                send(() -> sender.post(backgrounds(BATCH)));
            }
            if (moving.get(tick)) {
                move(due);
            }
            if (creating.get(tick)) {
                Thread.ofVirtual().start(moves::create);
            }
        }
        double taken = sender.takeCount() / ((System.nanoTime() - begin) / 1e9);
        while (underWay.get() > 0 && System.nanoTime() < begin + (seconds + 30) * 1_000_000_000L) {
            LockSupport.parkNanos(1_000_000);
        }
        return taken;
    }

    /** The ticks in which something happens: one in each stretch of time, somewhere in it. */
    private BitSet moments(int seconds, int perSecond) {
        BitSet ticks = new BitSet();
        int stretch = TICKS_PER_SECOND / perSecond;
        for (int n = 0; n < seconds * perSecond; n++) {
            ticks.set(n * stretch + random.nextInt(stretch));
        }
        return ticks;
    }

    /** How often something that happens so often a second happens in this tick. */
    private static int due(int tick, double perSecond) {
        double each = perSecond / TICKS_PER_SECOND;
        return (int) (Math.floor((tick + 1) * each) - Math.floor(tick * each));
    }

    private void send(Supplier<CompletableFuture<Void>> request) {
        if (underWay.get() < MOST_UNDER_WAY) {
            underWay.incrementAndGet();
            request.get().thenRun(underWay::decrementAndGet);
        }
    }

    /** Users with even numbers move, each to the next site, so that nobody goes back; those with odd ones stay. */
    private void move(long at) {
        int number = 2 * (moved % (instances / 2));
        int round = moved++ / (instances / 2);
        int site = (number + round + 1) % Hub.SITES.size();
        Event event = sender.event(Population.user(number), Hub.zone(site));
        moves.begin(event.trigger(), at);
        send(() -> sender.post(event));
    }

    private synchronized Event background() {
        if (random.nextInt(100) < STRANGERS) {
            return sender.event("stranger-" + random.nextInt(1_000_000), Hub.zone(random.nextInt(Hub.SITES.size())));
        }
        int number = 2 * random.nextInt(instances / 2) + 1;
        return sender.event(Population.user(number), Hub.zone(number % Hub.SITES.size()));
    }

    private List<Event> backgrounds(int count) {
        return IntStream.range(0, count).mapToObj(n -> background()).toList();
    }
}
