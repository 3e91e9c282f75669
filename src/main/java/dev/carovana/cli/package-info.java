// SPDX-License-Identifier: Apache-2.0
/** The command line {@code carovana}: a client of the REST API, and of nothing else. */
@NullMarked
package dev.carovana.cli;

import org.jspecify.annotations.NullMarked;
