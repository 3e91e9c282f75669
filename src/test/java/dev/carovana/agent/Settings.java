// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** The agent's settings as they are read, with some of them set. */
public final class Settings {
    private Settings() {}

    public static AgentConfig of(Map<String, String> set) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(AgentConfig.class)
                .withDefaultValues(set)
                .build()
                .getConfigMapping(AgentConfig.class);
    }
}
