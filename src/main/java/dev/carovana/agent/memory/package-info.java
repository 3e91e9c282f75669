// SPDX-License-Identifier: Apache-2.0
/**
 * Memory sent ahead of the freeze, and the dump as an increment to it: images of an iterative migration, whose first round
 * the agent makes instead of CRIU.
 *
 * @see <a href="https://criu.org/Iterative_migration">iterative migration</a>
 */
@NullMarked
package dev.carovana.agent.memory;

import org.jspecify.annotations.NullMarked;
