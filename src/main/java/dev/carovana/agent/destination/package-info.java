// SPDX-License-Identifier: Apache-2.0
/** The side that a pod arrives at. */
@NullMarked
package dev.carovana.agent.destination;

import org.jspecify.annotations.NullMarked;
