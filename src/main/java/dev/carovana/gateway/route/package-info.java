// SPDX-License-Identifier: Apache-2.0
/** What a gateway knows of functions, instances and other gateways. */
@NullMarked
package dev.carovana.gateway.route;

import org.jspecify.annotations.NullMarked;
