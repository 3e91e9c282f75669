// SPDX-License-Identifier: Apache-2.0
/** How every role talks to its cluster's API server. */
@NullMarked
package dev.carovana.kubernetes;

import org.jspecify.annotations.NullMarked;
