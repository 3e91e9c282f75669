// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real process that has done something, in a network of its own, and then waits. */
record PythonProcess(Process process, BufferedReader output) implements AutoCloseable {
    /** One that has done it. */
    static PythonProcess that(String script) throws IOException {
        PythonProcess python = started(script);
        assertThat(python.line()).isEqualTo("ready");
        return python;
    }

    /** One that prints a line when it has done it, and perhaps some before. */
    static PythonProcess started(String script) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("unshare", "--net", "sh", "-c", "ip link set lo up; exec python3 -c \"$0\""));
        command.add(script + "\nprint('ready', flush=True)\nimport sys\nsys.stdin.read()\n");
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new PythonProcess(process, process.inputReader());
    }

    String line() throws IOException {
        return output.readLine();
    }

    Path folder() {
        return Path.of("/proc/" + process.pid());
    }

    @Override
    public void close() throws IOException {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        output.close();
    }
}
