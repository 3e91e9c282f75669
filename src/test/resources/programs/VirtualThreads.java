// SPDX-License-Identifier: Apache-2.0
// ---
// what: A JVM with two thousand virtual threads, scheduled tasks and a child process
// expect: moves
// from: checkpoint-restore/criu#1911
// pod:
//   containers:
//     - {name: main, resources: {limits: {memory: 384Mi}}}
// ---
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

class Main {
    private static final byte[] LINE = "a line\n".getBytes();
    private static final AtomicLong CALLS = new AtomicLong();
    private static final AtomicLong TICKS = new AtomicLong();
    private static final AtomicLong TASKS = new AtomicLong();
    private static final LinkedBlockingQueue<CompletableFuture<Boolean>> ASKED = new LinkedBlockingQueue<>();

    private interface Forever {
        void once() throws InterruptedException;
    }

    private static void forever(Forever work) {
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    work.once();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static boolean check(Process child) throws Exception {
        long ticks = TICKS.get();
        long tasks = TASKS.get();
        CompletableFuture<Boolean> asked = new CompletableFuture<>();
        ASKED.add(asked);
        child.getOutputStream().write(LINE);
        child.getOutputStream().flush();
        byte[] said = child.getInputStream().readNBytes(LINE.length);
        Thread.sleep(300);
        return asked.get(3, TimeUnit.SECONDS)
                && new String(said).equals(new String(LINE))
                && TICKS.get() > ticks
                && TASKS.get() > tasks
                && child.isAlive();
    }

    private static void answer(HttpExchange call, Process child) throws IOException {
        String body;
        try {
            body = call.getRequestURI().getPath().equals("/readyz")
                    ? "{}"
                    : "{\"calls\": " + CALLS.incrementAndGet() + ", \"ok\": " + check(child) + "}";
        } catch (Exception e) {
            body = "{\"ok\": false, \"said\": \"" + e + "\"}";
        }
        call.getResponseHeaders().set("Content-Type", "application/json");
        call.sendResponseHeaders(200, body.length());
        call.getResponseBody().write(body.getBytes());
        call.close();
    }

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < 1000; i++) {
            forever(() -> {
                Thread.sleep(200);
                TICKS.incrementAndGet();
            });
            forever(() -> ASKED.take().complete(true));
        }
        Executors.newScheduledThreadPool(2).scheduleAtFixedRate(TASKS::incrementAndGet, 0, 100, TimeUnit.MILLISECONDS);
        Process child = new ProcessBuilder("cat").start();
        HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", call -> answer(call, child));
        server.start();
    }
}
