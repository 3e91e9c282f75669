// SPDX-License-Identifier: Apache-2.0
/** Carries out what MigrationMachine decides. */
@NullMarked
package dev.carovana.controller.migration;

import org.jspecify.annotations.NullMarked;
