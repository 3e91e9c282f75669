// SPDX-License-Identifier: Apache-2.0
/** OpenFaaS Functions as functions: a minimal model of what is read of them. */
@NullMarked
package dev.carovana.openfaas;

import org.jspecify.annotations.NullMarked;
