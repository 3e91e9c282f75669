// SPDX-License-Identifier: Apache-2.0
package dev.carovana.e2e;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Programs as people write them: each moves as it should, or is refused before it is touched. See README.md beside them. */
class ProgramsE2E {
    /** Instances wait more than they work. */
    private static final int AT_ONCE = 3;

    private static final ExecutorService RUNNING = Executors.newFixedThreadPool(AT_ONCE);
    private static final ConfigMap CONFIG = new ConfigMapBuilder()
            .withNewMetadata()
            .withName("programs")
            .withNamespace(Lab.NAMESPACE)
            .endMetadata()
            .addToData("greeting", "hello")
            .build();

    @BeforeAll
    static void configure() {
        Lab.hub().resource(CONFIG).serverSideApply();
    }

    @AfterAll
    static void nothingIsLeft() {
        RUNNING.shutdownNow();
        Lab.hub().resource(CONFIG).delete();
        for (String site : Lab.SITES) {
            Lab.cluster(site)
                    .pods()
                    .inNamespace(Lab.NAMESPACE)
                    .withLabel("program")
                    .informOnCondition(List::isEmpty)
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
        }
    }

    /** As many at once as may be; each is told by itself. */
    @TestFactory
    Stream<DynamicTest> programs() throws IOException {
        Map<String, String> images = images();
        Map<Program, Future<?>> runs = new LinkedHashMap<>();
        for (Program program : Program.all()) {
            runs.put(program, RUNNING.submit(() -> run(program, images)));
        }
        return runs.entrySet().stream()
                .map(run -> DynamicTest.dynamicTest(run.getKey().name(), () -> result(run.getValue())));
    }

    /** References by names. */
    private static Map<String, String> images() {
        return Lab.run(List.of(Program.FOLDER + "/images/build"))
                .lines()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 2 && words[1].contains("@"))
                .collect(Collectors.toMap(words -> words[0], words -> words[1]));
    }

    private static @Nullable Void run(Program program, Map<String, String> images) throws Exception {
        Lab.hub().resource(program.function(images)).create();
        try {
            ProgramRun.of(program);
            return null;
        } finally {
            Instances.instance(program.instance()).delete(); // one that was not started does not go with its function
            Deployments.get(program.instance()).delete();
        }
    }

    private static void result(Future<?> run) throws Throwable {
        try {
            run.get();
        } catch (ExecutionException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
