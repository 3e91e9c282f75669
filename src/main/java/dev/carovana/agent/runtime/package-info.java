// SPDX-License-Identifier: Apache-2.0
/** What the agent does to the containers of its node: runc, freezer, packet shield, pods. */
@NullMarked
package dev.carovana.agent.runtime;

import org.jspecify.annotations.NullMarked;
