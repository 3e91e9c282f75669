// SPDX-License-Identifier: Apache-2.0
/** Who calls. */
@NullMarked
package dev.carovana.gateway.user;

import org.jspecify.annotations.NullMarked;
