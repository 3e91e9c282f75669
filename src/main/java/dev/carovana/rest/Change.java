// SPDX-License-Identifier: Apache-2.0
package dev.carovana.rest;

/**
 * One entry of a watched list.
 *
 * @param type {@code ADDED}, {@code MODIFIED} or {@code DELETED}
 * @param object how it is now, or was before it was deleted
 */
public record Change<V>(String type, V object) {}
