// SPDX-License-Identifier: Apache-2.0
/** What gateways are told, and what they say: where users' calls go, and when they wait. */
@NullMarked
package dev.carovana.controller.route;

import org.jspecify.annotations.NullMarked;
