// SPDX-License-Identifier: Apache-2.0
/** The side that a pod leaves. */
@NullMarked
package dev.carovana.agent.source;

import org.jspecify.annotations.NullMarked;
