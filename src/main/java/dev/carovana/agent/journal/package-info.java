// SPDX-License-Identifier: Apache-2.0
/** What the agent writes down before it acts, so that it finds out after a restart. */
@NullMarked
package dev.carovana.agent.journal;

import org.jspecify.annotations.NullMarked;
