// SPDX-License-Identifier: Apache-2.0
/** The gateway role: calls follow the user. */
@NullMarked
package dev.carovana.gateway;

import org.jspecify.annotations.NullMarked;
