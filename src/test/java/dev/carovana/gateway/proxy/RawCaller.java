// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;

/** Sends what it is told, be it HTTP or not. */
final class RawCaller implements AutoCloseable {
    private final Socket socket;

    RawCaller(int port) throws IOException {
        socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
        socket.setSoTimeout(15_000);
    }

    RawCaller send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        return this;
    }

    /** What comes, up to and with this text; or everything, if the connection is closed before. */
    String until(String text) throws IOException {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                got.write(next);
                if (!text.isEmpty() && got.toString(ISO_8859_1).endsWith(text)) {
                    break;
                }
            }
        } catch (SocketException reset) {
            return got.toString(ISO_8859_1);
        }
        return got.toString(ISO_8859_1);
    }

    /** What comes until the connection is closed. */
    String all() throws IOException {
        return until("");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
