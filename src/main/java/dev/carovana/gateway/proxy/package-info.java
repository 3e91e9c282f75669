// SPDX-License-Identifier: Apache-2.0
/** Takes calls, and passes them on to pods and to other gateways. */
@NullMarked
package dev.carovana.gateway.proxy;

import org.jspecify.annotations.NullMarked;
