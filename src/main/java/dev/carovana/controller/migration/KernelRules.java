// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import dev.carovana.link.Agents.Agent;
import dev.carovana.link.Agents.PreflightAnswer;
import dev.carovana.model.Reason;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What processes have from the source's kernel that an older one at the destination cannot give them. Pure. */
final class KernelRules {
    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*");
    private static final int[] GUARD_PAGES = {6, 13};

    private KernelRules() {}

    /** Reasons against the destination's node. */
    static List<Reason> check(PreflightAnswer source, Agent destination) {
        String kernel = destination.facts().getKernel();
        return isBefore(kernel, GUARD_PAGES)
                ? source.result().getGuardedList().stream()
                        .map(container -> new Reason(
                                "KernelGuardPages",
                                "container " + container
                                        + " has guard pages (madvise MADV_GUARD_INSTALL; glibc has made "
                                        + "them below the stacks of threads since 2.42), which need Linux "
                                        + GUARD_PAGES[0] + "." + GUARD_PAGES[1] + "; node " + destination.node()
                                        + " of site " + destination.site() + " has " + kernel
                                        + ": choose a node with a newer kernel"))
                        .toList()
                : List.of();
    }

    /** Not if the release cannot be read: agents that are older do not say it. */
    private static boolean isBefore(String release, int[] version) {
        Matcher matcher = RELEASE.matcher(release);
        if (!matcher.matches()) {
            return false;
        }
        int major = Integer.parseInt(matcher.group(1));
        return major < version[0] || major == version[0] && Integer.parseInt(matcher.group(2)) < version[1];
    }
}
