// SPDX-License-Identifier: Apache-2.0
/** The agent of one node: freezes, dumps, streams and restores instance pods. */
@NullMarked
package dev.carovana.agent;

import org.jspecify.annotations.NullMarked;
