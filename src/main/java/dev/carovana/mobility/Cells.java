// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

/** Cells as zones: country code, network code and cell one after the other, for example {@code 001010000001}. */
final class Cells {
    private Cells() {}

    /**
     * @param network name of the field with {@code mcc} and {@code mnc}
     * @param cell name of the field with the id within the network
     */
    static String id(Fields fields, String network, String cell) throws MalformedEventException {
        // a list of one in some implementations
        Fields plmn = fields.objects(network).stream()
                .findFirst()
                .orElseThrow(() -> fields.wrong(network, "an object with mcc and mnc"));
        return plmn.text("mcc") + plmn.text("mnc") + fields.text(cell);
    }
}
