// SPDX-License-Identifier: Apache-2.0
/** Where the template of an instance comes from. */
@NullMarked
package dev.carovana.controller.function;

import org.jspecify.annotations.NullMarked;
