// SPDX-License-Identifier: Apache-2.0
/** The custom resources of group carovana.dev: spec is the wish, status the fact. */
@NullMarked
package dev.carovana.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
