// SPDX-License-Identifier: Apache-2.0
/** Moves back that events have asked for too soon: they are made when the time has come. */
@NullMarked
package dev.carovana.controller.mobility;

import org.jspecify.annotations.NullMarked;
