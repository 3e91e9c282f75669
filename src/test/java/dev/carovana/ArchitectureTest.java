// SPDX-License-Identifier: Apache-2.0
package dev.carovana;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.carovana.controller.Retries;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which package may know which (CONTRIBUTING.md, "Layout"). */
class ArchitectureTest {
    private static final String US = "dev.carovana.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.carovana");

    @Test
    void theModelKnowsNothingOfOursOrOfAnyFramework() {
        classes()
                .that()
                .resideInAPackage(US + "model..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(US + "model..", "java..", "javax.crypto..", "org.jspecify.annotations..")
                .because("decisions are tested without any I/O")
                .check(CLASSES);
    }

    @Test
    void theApiKnowsTheModelOnly() {
        noClasses()
                .that()
                .resideInAPackage(US + "api..")
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are ours, but neither of api nor of model",
                        c -> c.getPackageName().startsWith(US)
                                && !c.getPackageName().startsWith(US + "api")
                                && !c.getPackageName().startsWith(US + "model")))
                .check(CLASSES);
    }

    @Test
    void rolesDoNotKnowEachOther() {
        noClasses()
                .that()
                .resideInAPackage(US + "agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        US + "controller..",
                        US + "gateway..",
                        US + "rest..",
                        US + "mobility..",
                        US + "security..",
                        US + "model..")
                .because("an agent knows the link's messages and its own node")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(US + "controller..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        US + "agent..", US + "gateway..", US + "rest..", US + "mobility..", US + "security..")
                .because("what is around the reconcilers depends on them, not they on it")
                .check(CLASSES);
    }

    @Test
    void aReconcilerThatFailsIsTriedAgainUntilItSucceeds() {
        classes()
                .that()
                .areAnnotatedWith(ControllerConfiguration.class)
                .should()
                .beAnnotatedWith(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "@GradualRetry(maxAttempts = Retries.ALWAYS)",
                        a -> a.getRawType().isEquivalentTo(GradualRetry.class)
                                && a.get("maxAttempts").equals(Optional.of(Retries.ALWAYS))))
                .because("nothing else would wake it when an API server is back after minutes")
                .check(CLASSES);
    }

    @Test
    void theGatewayIsARoleOfItsOwn() {
        noClasses()
                .that()
                .resideInAPackage(US + "gateway..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        US + "agent..",
                        US + "controller..",
                        US + "rest..",
                        US + "mobility..",
                        US + "security..",
                        US + "api..")
                .because("a gateway knows the link's messages and its own site")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage(US + "gateway..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(US + "gateway..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAnyPackage(US + "gateway.route..", US + "gateway.user..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(US + "gateway.proxy..")
                .because("where calls go and who calls is decided without knowing how calls are passed on")
                .check(CLASSES);
    }

    @Test
    void theLinkKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage(US + "link..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        US + "agent..",
                        US + "controller..",
                        US + "gateway..",
                        US + "rest..",
                        US + "mobility..",
                        US + "api..",
                        US + "model..")
                .check(CLASSES);
    }

    @Test
    void theCommandLineIsAnyClient() {
        noClasses()
                .that()
                .resideInAPackage(US + "cli..")
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are ours, but not of cli",
                        c -> c.getPackageName().startsWith(US)
                                && !c.getPackageName().startsWith(US + "cli")))
                .because("it starts without the application, and what it can do others can")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage(US + "cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(US + "cli..")
                .check(CLASSES);
    }

    @Test
    void adaptersAreSeenByNobody() {
        noClasses()
                .that()
                .resideOutsideOfPackages(US + "knative..", US + "openfaas..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(US + "knative..", US + "openfaas..")
                .because("they are found by what they implement: another kind of function is another package")
                .check(CLASSES);
    }

    @Test
    void theReconcilersHaveNoCycles() {
        slices().matching(US + "controller.(*)..").should().beFreeOfCycles().check(CLASSES);
        slices().matching(US + "agent.(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
