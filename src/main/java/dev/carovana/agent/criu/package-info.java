// SPDX-License-Identifier: Apache-2.0
/**
 * CRIU's images, as far as agents look into them.
 *
 * @see <a href="https://criu.org/Images">the format</a>
 */
@NullMarked
package dev.carovana.agent.criu;

import org.jspecify.annotations.NullMarked;
