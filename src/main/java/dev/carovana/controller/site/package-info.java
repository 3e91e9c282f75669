// SPDX-License-Identifier: Apache-2.0
/** What is true of each site. */
@NullMarked
package dev.carovana.controller.site;

import org.jspecify.annotations.NullMarked;
