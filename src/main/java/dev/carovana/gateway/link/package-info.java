// SPDX-License-Identifier: Apache-2.0
/** The gateway's stream to the controller. */
@NullMarked
package dev.carovana.gateway.link;

import org.jspecify.annotations.NullMarked;
