// SPDX-License-Identifier: Apache-2.0
/** The gRPC streams of agents and gateways to the controller: the controller's end, and what both others share. */
@NullMarked
package dev.carovana.link;

import org.jspecify.annotations.NullMarked;
