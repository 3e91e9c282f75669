// SPDX-License-Identifier: Apache-2.0
/** The unix socket on which the holders of a destination pod ask what to do. */
@NullMarked
package dev.carovana.agent.hold;

import org.jspecify.annotations.NullMarked;
