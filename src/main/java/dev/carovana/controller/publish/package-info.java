// SPDX-License-Identifier: Apache-2.0
/** Tells other systems what has become of migrations, as CloudEvents. */
@NullMarked
package dev.carovana.controller.publish;

import org.jspecify.annotations.NullMarked;
