// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

/**
 * Why something cannot be done.
 *
 * @param code one CamelCase word of a closed set, for programs
 * @param message for people: names the field, the value and what was expected
 */
public record Reason(String code, String message) {}
