// SPDX-License-Identifier: Apache-2.0
/** The protocol between two agents: framed, versioned, over mutual TLS. */
@NullMarked
package dev.carovana.agent.transfer;

import org.jspecify.annotations.NullMarked;
