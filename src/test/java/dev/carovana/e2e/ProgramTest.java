// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Headers of programs can be read, without the lab. */
class ProgramTest {
    private static final Map<String, String> IMAGES =
            Map.of("python", "registry/python", "web", "registry/web", "java", "registry/java");

    @Test
    void everyProgramMakesAFunction() throws IOException {
        for (Program program : Program.all()) {
            assertThat(program.function(IMAGES).getMetadata().getName())
                    .as("%s", program)
                    .isEqualTo(program.instance())
                    .matches("program-[a-z-]+");
            assertThat(program.header().today())
                    .as("%s", program)
                    .isNotEqualTo(program.header().expect());
        }
    }

    @Test
    void whatAHeaderSaysOfContainersIsAddedToThoseOfItsName() throws IOException {
        PodSpec pod = function("sqlite").getSpec();

        assertThat(pod.getContainers()).extracting(Container::getName).containsExactly("main", "other");
        Container main = pod.getContainers().getFirst();
        assertThat(main.getCommand()).containsExactly("python3", "/programs/sqlite.py");
        assertThat(main.getReadinessProbe()).isNotNull();
        Container other = pod.getContainers().getLast();
        assertThat(other.getCommand()).isEqualTo(main.getCommand());
        assertThat(other.getReadinessProbe()).isNull();
        assertThat(other.getVolumeMounts()).isEqualTo(main.getVolumeMounts()).hasSize(1);
    }

    private static PodTemplateSpec function(String name) throws IOException {
        return Program.all().stream()
                .filter(program -> program.name().equals(name))
                .findFirst()
                .orElseThrow()
                .function(IMAGES)
                .getSpec()
                .getTemplate();
    }

    @Test
    void anOutcomeIsAKindAndAReason() {
        assertThat(List.of(Outcome.of("moves"), Outcome.of("not started HostUsers"), Outcome.of("refused Pipes")))
                .containsExactly(
                        new Outcome(Outcome.Kind.MOVES, ""),
                        new Outcome(Outcome.Kind.NOT_STARTED, "HostUsers"),
                        new Outcome(Outcome.Kind.REFUSED, "Pipes"));
    }
}
