// SPDX-License-Identifier: Apache-2.0
package dev.carovana.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * The dedicated pod of one user of one local-state function. Writing {@code spec.site} is the request to move:
 * ten moves in a row collapse to the last.
 */
@Group(Carovana.GROUP)
@Version(Carovana.VERSION)
@Plural("functioninstances") // said, or each object that is read works it out with regular expressions
@ShortNames({"fi"})
// it is the value of a label and the pods' host name too
@ValidationRule(
        value = "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
        message = "metadata.name must be at most 63 lower case letters, digits and '-'")
@AdditionalPrinterColumn(name = "Function", jsonPath = ".spec.function.name")
@AdditionalPrinterColumn(name = "Wanted", jsonPath = ".spec.site")
@AdditionalPrinterColumn(name = "Site", jsonPath = ".status.site")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Epoch", jsonPath = ".status.epoch", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Address", jsonPath = ".status.address", priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class FunctionInstance extends CustomResource<FunctionInstanceSpec, FunctionInstanceStatus>
        implements Namespaced {}
