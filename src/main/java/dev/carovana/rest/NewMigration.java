// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import dev.carovana.api.v1alpha1.MigrationSpec;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;

/**
 * A move to make.
 *
 * @param reason why; Manual if absent
 */
public record NewMigration(@NotBlank @Size(max = 253) String to, MigrationSpec.@Nullable Reason reason) {}
