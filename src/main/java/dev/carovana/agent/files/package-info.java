// SPDX-License-Identifier: Apache-2.0
/** Files that travel with a pod: writable layers, emptyDir volumes, shared memory. */
@NullMarked
package dev.carovana.agent.files;

import org.jspecify.annotations.NullMarked;
