// SPDX-License-Identifier: Apache-2.0
/** What the hub does: reconcilers of sites, instances and migrations, and their ports. */
@NullMarked
package dev.carovana.controller;

import org.jspecify.annotations.NullMarked;
