// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** One edge cluster, or the hub's own nodes. Cluster-scoped; its name is the Liqo cluster id's alias at the hub. */
@Group(Carovana.GROUP)
@Version(Carovana.VERSION)
@Plural("sites")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Instances",
        jsonPath = ".status.instances",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Cordoned", jsonPath = ".spec.cordoned", type = AdditionalPrinterColumn.Type.BOOLEAN)
@AdditionalPrinterColumn(name = "Drained", jsonPath = ".status.conditions[?(@.type==\"Drained\")].status")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class Site extends CustomResource<SiteSpec, SiteStatus> {}
