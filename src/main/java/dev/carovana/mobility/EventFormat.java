// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

/** The formats in which events come. */
enum EventFormat {
    CLOUDEVENTS("cloudevents"),
    MEC_012("mec012"),
    MEC_013("mec013"),
    MEC_021("mec021"),
    ACR("acr"),
    ACR_MANAGEMENT("acr-management"),
    /** Not recognised. */
    NONE("none");

    private final String label;

    EventFormat(String label) {
        this.label = label;
    }

    /** For the metric. */
    String label() {
        return label;
    }
}
