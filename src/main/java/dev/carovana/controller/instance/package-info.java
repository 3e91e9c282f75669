// SPDX-License-Identifier: Apache-2.0
/** One pod per user and epoch: creates it, follows it, asks for its migration. */
@NullMarked
package dev.carovana.controller.instance;

import org.jspecify.annotations.NullMarked;
