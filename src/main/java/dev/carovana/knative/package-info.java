// SPDX-License-Identifier: Apache-2.0
/** Knative Services as functions. */
@NullMarked
package dev.carovana.knative;

import org.jspecify.annotations.NullMarked;
