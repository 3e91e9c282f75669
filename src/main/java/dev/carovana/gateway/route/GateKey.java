// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

/**
 * Whose calls go through one gate.
 *
 * @param function as {@code namespace/name}
 * @param user the user's id
 */
public record GateKey(String function, String user) {
    public static String function(String namespace, String name) {
        return namespace + "/" + name;
    }

    String namespace() {
        return function.substring(0, function.indexOf('/'));
    }

    String name() {
        return function.substring(function.indexOf('/') + 1);
    }
}
