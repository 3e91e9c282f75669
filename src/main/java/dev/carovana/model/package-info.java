// SPDX-License-Identifier: Apache-2.0
/** Pure decisions: no framework, no client, no clock. Everything here is tested without I/O. */
@NullMarked
package dev.carovana.model;

import org.jspecify.annotations.NullMarked;
