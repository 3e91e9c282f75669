// SPDX-License-Identifier: Apache-2.0
/** The stream to the controller. */
@NullMarked
package dev.carovana.agent.link;

import org.jspecify.annotations.NullMarked;
