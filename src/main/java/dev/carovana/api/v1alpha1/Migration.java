// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * One move of an instance, named {@code <instance>-<epoch>} after the epoch that it leads to. Deleting it before the
 * handover aborts it; after the handover it runs to its end.
 */
@Group(Carovana.GROUP)
@Version(Carovana.VERSION)
@Plural("migrations")
@ShortNames({"mig"})
@AdditionalPrinterColumn(name = "Instance", jsonPath = ".spec.instance")
@AdditionalPrinterColumn(name = "From", jsonPath = ".status.from")
@AdditionalPrinterColumn(name = "To", jsonPath = ".spec.to")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(
        name = "Freeze ms",
        jsonPath = ".status.freezeMillis",
        type = AdditionalPrinterColumn.Type.NUMBER)
@AdditionalPrinterColumn(
        name = "Total ms",
        jsonPath = ".status.totalMillis",
        type = AdditionalPrinterColumn.Type.NUMBER)
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.reason", priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class Migration extends CustomResource<MigrationSpec, MigrationStatus> implements Namespaced {}
