// SPDX-License-Identifier: Apache-2.0
package dev.carovana.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UsageTest {
    @Test
    void theHeapIsTheSumOfItsPools() {
        String metrics =
                """
                # TYPE jvm_memory_used_bytes gauge
                jvm_memory_used_bytes{area="heap",id="Eden Space"} 1.5E7
                jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 8.0E7
                jvm_memory_used_bytes{area="heap",id="Tenured Gen"} 2.5E7
                """;

        assertThat(Usage.heapBytes(metrics)).isEqualTo(4.0e7);
    }
}
