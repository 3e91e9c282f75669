// SPDX-License-Identifier: Apache-2.0
/** Memory sent ahead of the freeze, and found again in the dump. */
@NullMarked
package dev.carovana.agent.memory;

import org.jspecify.annotations.NullMarked;
