// SPDX-License-Identifier: Apache-2.0
/** Who calls and what they may do: asked of the hub's Kubernetes API, so that RBAC is the one place for rights. */
@NullMarked
package dev.carovana.security;

import org.jspecify.annotations.NullMarked;
