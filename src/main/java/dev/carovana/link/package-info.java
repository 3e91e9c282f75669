// SPDX-License-Identifier: Apache-2.0
/** The gRPC stream between the controller and the agents: the controller's end. */
@NullMarked
package dev.carovana.link;

import org.jspecify.annotations.NullMarked;
