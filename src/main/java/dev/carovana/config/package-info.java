// SPDX-License-Identifier: Apache-2.0
/** What an administrator can set, by role. */
@NullMarked
package dev.carovana.config;

import org.jspecify.annotations.NullMarked;
