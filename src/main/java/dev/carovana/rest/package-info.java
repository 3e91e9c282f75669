// SPDX-License-Identifier: Apache-2.0
/** The REST API under {@code /api/v1}: a thin layer over the custom resources, for programs that are not operators. */
@NullMarked
package dev.carovana.rest;

import org.jspecify.annotations.NullMarked;
