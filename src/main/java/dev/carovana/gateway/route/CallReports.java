// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

import dev.carovana.link.v1.InstanceCalls;
import java.util.List;

/** What the controller is to know of users' calls. Thread-safe. */
public interface CallReports {
    /** What has happened since the last time that this was asked; only instances that were called, or whose calls waited. */
    List<InstanceCalls> drain();
}
