// SPDX-License-Identifier: Apache-2.0
/** Copies of remote-state functions near their users. */
@NullMarked
package dev.carovana.controller.copy;

import org.jspecify.annotations.NullMarked;
