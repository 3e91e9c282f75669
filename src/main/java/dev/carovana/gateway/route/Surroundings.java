// SPDX-License-Identifier: Apache-2.0
package dev.carovana.gateway.route;

/** What all gates of a gateway share. */
interface Surroundings {
    Limits limits();

    Timers timers();

    Room room();

    Hub hub();

    /** A gate that nobody needs. */
    void gone(GateKey key, Gate gate);
}
