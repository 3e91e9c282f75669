// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An instance to start.
 *
 * @param site where; if absent, the least loaded site that can take it
 * @param userAliases what networks call the user
 */
public record NewInstance(
        @NotBlank @Size(max = 63) String namespace,
        @NotNull @Valid Function function,
        @NotBlank @Size(max = 256) String user,
        @Nullable @Size(min = 1, max = 253) String site,
        @Nullable @Size(max = 16) List<@NotBlank @Size(max = 256) String> userAliases) {

    /** The object whose pod template the instance runs. */
    public record Function(
            @NotBlank @Size(max = 253) String apiVersion,
            @NotBlank @Size(max = 63) String kind,
            @NotBlank @Size(max = 253) String name) {}
}
