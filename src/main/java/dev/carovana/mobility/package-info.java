// SPDX-License-Identifier: Apache-2.0
/** Mobility events: CloudEvents 1.0 over HTTP, each a wish to move the instances of one user. */
@NullMarked
package dev.carovana.mobility;

import org.jspecify.annotations.NullMarked;
