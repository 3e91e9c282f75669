// SPDX-License-Identifier: Apache-2.0
package dev.carovana.agent;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The settings of the agent role. */
@ConfigMapping(prefix = "carovana.agent")
public interface AgentConfig {
    /** Name of the Site that this node belongs to; must equal the CN of the certificate. */
    Optional<String> site();

    /** Host and port of the controller's link. */
    Optional<String> controller();

    /** Name of this node in the site's own cluster. */
    Optional<String> node();

    /** Folder on the node's tmpfs, shared with carovana-runc; the same path in the node and in the agent. */
    @WithDefault("/run/carovana")
    Path runDirectory();

    /** Where the agent sees the node's root. */
    @WithDefault("/proc/1/root")
    Path hostRoot();

    /** State folder of the runc that containerd uses, as the node sees it. */
    @WithDefault("/run/containerd/runc/k8s.io")
    String runcRoot();

    /** carovana-runc, as the node sees it. */
    @WithDefault("/opt/carovana/bin/carovana-runc")
    String wrapper();

    /** Put before a command that must run in the node's namespaces. */
    @WithDefault("nsenter,-t,1,-m,-n,-i,-u,-p,-C,--")
    List<String> nodeCommand();

    /** Memory of the node that images must leave free. */
    @WithDefault("64M")
    MemorySize tmpfsReserve();

    /** How long the source may be ready before the order to hand over comes; longer than gateways may take to drain. */
    @WithDefault("120s")
    Duration handoverTimeout();

    /** How long a pod may be frozen before the handover. Then the source lets it go on, whatever the network and the hub do. */
    @WithDefault("60s")
    Duration freezeLimit();

    /** How long the destination may be silent after the handover before the source says that it is in doubt. */
    @WithDefault("10s")
    Duration inDoubtAfter();

    /** How long a container may take to be restored before the restore counts as failed. */
    @WithDefault("60s")
    Duration restoreTimeout();

    Transfer transfer();

    /** Agent to agent. */
    interface Transfer {
        /** Address at which other agents reach this one. */
        Optional<String> host();

        @WithDefault("9444")
        int port();

        /** Most bytes sent in a second, 0 for no limit. */
        @WithDefault("0")
        MemorySize bytesPerSecond();

        /** Whether memory is sent while the pod runs, so that in the freeze only what has changed since is sent. */
        @WithDefault("true")
        boolean memoryAhead();

        /** How long a connection may be silent in the middle of a transfer. */
        @WithDefault("10s")
        Duration stallTimeout();
    }
}
