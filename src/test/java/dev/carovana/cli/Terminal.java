// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Runs the command line in this process, and keeps what it prints. */
final class Terminal {
    private final Lines out = new Lines();
    private final Lines err = new Lines();
    private final Map<String, String> environment;

    Terminal(Map<String, String> environment) {
        this.environment = new HashMap<>(environment);
    }

    /** What a terminal shows; it can be closed, as a pipe is when its reader ends. */
    private static final class Lines extends Writer {
        private final StringBuffer text = new StringBuffer();
        private volatile boolean closed;

        @Override
        public synchronized void write(char[] characters, int offset, int length) throws IOException {
            if (closed) {
                throw new IOException("nobody reads");
            }
            text.append(characters, offset, length);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public String toString() {
            return text.toString();
        }

        synchronized String take() {
            String taken = text.toString();
            text.setLength(0);
            return taken;
        }
    }

    Map<String, String> environment() {
        return environment;
    }

    void put(String variable, String value) {
        environment.put(variable, value);
    }

    /** Runs a command to its end; answers its exit code. */
    int run(String line) {
        return CarovanaCommand.run(environment, new PrintWriter(out), new PrintWriter(err), line.split(" "));
    }

    CompletableFuture<Integer> begin(String line) {
        return CompletableFuture.supplyAsync(() -> run(line));
    }

    void awaitOutput(String text) {
        await(text).untilAsserted(() -> assertThat(out.toString()).contains(text));
    }

    void awaitError(String text) {
        await(text).untilAsserted(() -> assertThat(err.toString()).contains(text));
    }

    /** What was printed since this was asked last. */
    String told() {
        return out.take();
    }

    String complained() {
        return err.take();
    }

    /** From now on nobody reads. */
    void close() {
        out.close();
    }
}
