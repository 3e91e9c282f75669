// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A function's server that takes requests byte by byte, as strictly as RFC 9112 allows, and answers what it is told. */
final class RawPod implements AutoCloseable {
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /**
     * A request as it arrived.
     *
     * @param line without its end
     * @param headers lines, without their ends
     * @param body without its frame
     */
    record Seen(String line, List<String> headers, String body) {
        /** The values of a header, as they are. */
        List<String> values(String name) {
            return headers.stream()
                    .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(header -> header.substring(name.length() + 1).strip())
                    .toList();
        }

        @Override
        public String toString() {
            return body.isEmpty() ? line : line + " " + body;
        }
    }

    /** Those that have come whole. */
    final List<Seen> seen = new CopyOnWriteArrayList<>();

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final Function<Seen, String> answers;

    /** @param answers one that says Connection: close is the last of its connection */
    RawPod(Function<Seen, String> answers) throws IOException {
        this.answers = answers;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            open.clear();
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                String line = line(in);
                Seen request = read(line, in);
                seen.add(request);
                String answer = answers.apply(request);
                socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
                if (answer.contains("Connection: close")) {
                    return;
                }
            }
        } catch (IOException gone) {
            open.remove(socket);
        }
    }

    private static Seen read(String line, InputStream in) throws IOException {
        List<String> headers = new ArrayList<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            headers.add(header);
        }
        Seen head = new Seen(line, headers, "");
        List<String> length = head.values("content-length");
        List<String> coding = head.values("transfer-encoding");
        if (length.isEmpty() && coding.isEmpty()) {
            return head;
        }
        if (length.size() + coding.size() != 1 || !coding.isEmpty() && !coding.equals(List.of("chunked"))) {
            return new Seen(line, headers, "AMBIGUOUS");
        }
        return new Seen(line, headers, coding.isEmpty() ? text(in, Integer.parseInt(length.getFirst())) : chunks(in));
    }

    private static String chunks(InputStream in) throws IOException {
        StringBuilder body = new StringBuilder();
        for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            body.append(text(in, size));
            if (!line(in).isEmpty()) {
                return "BAD CHUNK";
            }
        }
        for (String trailer = line(in); !trailer.isEmpty(); trailer = line(in)) {
            body.append('|').append(trailer);
        }
        return body.toString();
    }

    private static String text(InputStream in, int length) throws IOException {
        byte[] read = in.readNBytes(length);
        if (read.length < length) {
            throw new EOFException();
        }
        return new String(read, ISO_8859_1);
    }

    /** Only CRLF ends a line: whatever else is in it is kept. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0; next = in.read()) {
            line.append((char) next);
            if (next == '\n' && line.length() > 1 && line.charAt(line.length() - 2) == '\r') {
                return line.substring(0, line.length() - 2);
            }
        }
        throw new EOFException();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
