// SPDX-License-Identifier: Apache-2.0
/** What the node says before anything is touched. */
@NullMarked
package dev.carovana.agent.preflight;

import org.jspecify.annotations.NullMarked;
