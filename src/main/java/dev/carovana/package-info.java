// SPDX-License-Identifier: Apache-2.0
/** Carovana: a serverless function follows its user across edge sites. */
@NullMarked
package dev.carovana;

import org.jspecify.annotations.NullMarked;
