// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static dev.carovana.controller.ControllerBed.isRunningAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.carovana.Golden;
import dev.carovana.api.v1alpha1.Carovana;
import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceSpec.FunctionRef;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.model.FunctionContract;
import dev.carovana.model.IdleTime;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of instances when their functions come, change and go. */
@OnControllerBed
class FunctionsIT {
    private final ControllerBed bed;

    FunctionsIT(ControllerBed bed) {
        this.bed = bed;
    }

    @BeforeEach
    void reset() {
        bed.reset();
    }

    @Test
    void aKnativeServiceIsAFunctionAsSoonAsKnativeIsThere() {
        bed.create("counter", new FunctionRef("serving.knative.dev/v1", "Service", "counter"), "edge-a");
        bed.awaitInstance("counter", i -> ready(i).contains("the hub has no such kind"));
        ForeignKinds.define(bed.client(), "serving.knative.dev", "v1", "Service", "services");
        ForeignKinds.define(bed.client(), "serving.knative.dev", "v1", "Revision", "revisions");
        Service service = bed.client()
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("counter")
                        .withNamespace(ControllerBed.NAMESPACE)
                        .addToLabels(FunctionContract.STATE, "local")
                        .endMetadata()
                        .build())
                .create();
        bed.awaitInstance("counter", i -> ready(i).contains("status.latestReadyRevisionName is empty"));
        Revision revision = Golden.read("knative/one/in.yaml", Revision.class);
        revision.getMetadata().setResourceVersion(null);
        Revision made = bed.client().resource(revision).create();
        made.setStatus(revision.getStatus());
        bed.client().resource(made).updateStatus();
        // as a patch: Carovana writes a condition at the same time
        bed.client()
                .resource(service)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"latestReadyRevisionName\": \"counter-00002\"}}");

        FunctionInstance counter = bed.awaitInstance("counter", i -> isRunningAt(i, "edge-a"));

        Pod pod = bed.pod("counter-1");
        assertThat(pod.getSpec().getContainers()).singleElement().satisfies(c -> assertThat(c.getImage())
                .isEqualTo("registry.example/counter@sha256:0123"));
        assertThat(pod.getMetadata().getLabels())
                .containsEntry("team", "shop")
                .doesNotContainKeys("serving.knative.dev/service", "serving.knative.dev/revision");
        assertThat(counter.getMetadata().getOwnerReferences()).singleElement().satisfies(o -> assertThat(o.getUid())
                .isEqualTo(service.getMetadata().getUid()));
        await().until(() -> accepted(service), c -> c.startsWith("True"));
    }

    @Test
    void anOpenFaasFunctionIsAFunctionWithoutItsOperator() {
        ForeignKinds.define(bed.client(), "openfaas.com", "v1", "Function", "functions");
        GenericKubernetesResource function = Golden.read("openfaas/full/in.yaml", GenericKubernetesResource.class);
        function.getMetadata().setNamespace(ControllerBed.NAMESPACE);
        GenericKubernetesResource made = bed.client().resource(function).create();

        bed.create("chat", new FunctionRef("openfaas.com/v1", "Function", "chat"), "edge-a");

        bed.awaitInstance("chat", i -> isRunningAt(i, "edge-a"));
        assertThat(bed.pod("chat-1").getMetadata().getLabels()).containsEntry("faas_function", "chat");
        await().until(() -> accepted(made), c -> c.startsWith("True"));
        assertThat(bed.client().resource(made).get().getAdditionalProperties().get("spec"))
                .as("nothing of the function is lost when its condition is written")
                .isEqualTo(function.getAdditionalProperties().get("spec"));
    }

    @Test
    void aFunctionIsToldThatAnOlderOneHasItsName() {
        ForeignKinds.define(bed.client(), "openfaas.com", "v1", "Function", "functions");
        bed.function("twin", Map.of());
        GenericKubernetesResource function = Golden.read("openfaas/full/in.yaml", GenericKubernetesResource.class);
        function.getMetadata().setNamespace(ControllerBed.NAMESPACE);
        function.getMetadata().setName("twin");

        bed.client().resource(function).create();

        await().until(() -> bed.eventsAbout("twin"), all -> all.stream()
                .anyMatch(e -> e.equals("NameTaken: calls by the name twin go to the older Deployment in functions"
                        + " and not to this Function, expected a name of its own")));
    }

    @Test
    void aWrongAnnotationIsToldOnTheFunctionUntilItIsRight() {
        Deployment wrong = bed.function("wrong", Map.of(FunctionContract.MAX_FREEZE, "soon"));

        await().until(() -> accepted(wrong), c -> c.startsWith("False") && c.contains("max-freeze is 'soon'"));
        assertThat(bed.eventsAbout("wrong")).singleElement().asString().contains("max-freeze is 'soon'");

        bed.function("wrong", Map.of(FunctionContract.MAX_FREEZE, "1s"));
        await().until(() -> accepted(wrong), c -> c.startsWith("True"));
    }

    @Test
    void aFunctionWithUsersOfItsOwnIsNotStartedWithoutThem() {
        Deployment function = bed.function("own-users", Map.of());
        bed.client().resource(function).edit(d -> new DeploymentBuilder(d)
                .editSpec()
                .editTemplate()
                .editSpec()
                .withHostUsers(false)
                .endSpec()
                .endTemplate()
                .endSpec()
                .build());

        bed.create("own-users", "own-users", "edge-a");

        bed.awaitInstance("own-users", i -> ready(i).contains("spec.hostUsers is false, expected to be left out"));
    }

    @Test
    void anInstanceKeepsItsTemplateUntilTheDeveloperRestartsIt() {
        bed.function("rolled", Map.of());
        bed.create("rolled", "rolled", "edge-a");
        bed.awaitInstance("rolled", i -> "True".equals(condition(i, "UpToDate").getStatus()));

        bed.client()
                .apps()
                .deployments()
                .inNamespace(ControllerBed.NAMESPACE)
                .withName("rolled")
                .edit(d -> {
                    d.getSpec()
                            .getTemplate()
                            .getSpec()
                            .getContainers()
                            .getFirst()
                            .setImage("registry.example/main:2");
                    return d;
                });
        bed.awaitInstance(
                "rolled", i -> "TemplateChanged".equals(condition(i, "UpToDate").getReason()));
        assertThat(image("rolled-1")).isEqualTo("registry.example/main:1");

        bed.client()
                .apps()
                .deployments()
                .inNamespace(ControllerBed.NAMESPACE)
                .withName("rolled")
                .edit(d -> {
                    d.getMetadata().setAnnotations(Map.of(FunctionContract.RESTARTED_AT, "now"));
                    return d;
                });
        FunctionInstance anew = bed.awaitInstance(
                "rolled",
                i -> isRunningAt(i, "edge-a")
                        && "True".equals(condition(i, "UpToDate").getStatus()));
        assertThat(anew.getStatus().podName()).isEqualTo("rolled-2");
        assertThat(image("rolled-2")).isEqualTo("registry.example/main:2");
        assertThat(condition(anew, "StateLost").getStatus()).isEqualTo("True");
        assertThat(bed.eventsAbout("rolled"))
                .filteredOn(e -> e.startsWith("Restart: "))
                .hasSize(1);
        assertThat(bed.sites().copies().violations()).isEmpty();
    }

    @Test
    void ofInstancesMadeAtOnceNoMoreStartThanTheFunctionMayHave() {
        bed.function("few", Map.of(FunctionContract.MAX_INSTANCES, "2"));
        List<String> names = List.of("few-a", "few-b", "few-c", "few-d");
        names.parallelStream().forEach(name -> bed.create(name, "few", "edge-a"));

        await().until(() -> names.stream()
                                .filter(n -> isRunningAt(bed.instance(n), "edge-a"))
                                .count()
                        == 2
                && names.stream().filter(n -> isRefused(bed.instance(n))).count() == 2);

        String running = names.stream()
                .filter(n -> isRunningAt(bed.instance(n), "edge-a"))
                .findFirst()
                .orElseThrow();
        bed.client().resource(bed.instance(running)).delete();
        await().until(() -> names.stream()
                        .filter(n -> bed.instance(n) != null && isRunningAt(bed.instance(n), "edge-a"))
                        .count()
                == 2);
    }

    @Test
    void usersOfARemoteStateFunctionAreServedByTheCopyNearThemAndNeverByNone() {
        bed.function("words", "remote", Map.of());
        bed.create("words-ann", "words", "edge-a");
        bed.create("words-bob", "words", "edge-a");
        Deployment atA = await().until(() -> copy("words", "edge-a"), Objects::nonNull);
        bed.awaitInstance("words-ann", i -> ready(i).contains("is coming up at edge-a"));
        assertThat(bed.instance("words-ann").getStatus().address()).isNull();
        becomesReady(atA);
        FunctionInstance ann = bed.awaitInstance("words-ann", i -> isRunningAt(i, "edge-a"));
        bed.awaitInstance("words-bob", i -> isRunningAt(i, "edge-a"));
        String before = atA.getMetadata().getName() + "." + ControllerBed.NAMESPACE + ".svc";
        assertThat(ann.getStatus().address()).isEqualTo(before);
        assertThat(bed.client()
                        .services()
                        .inNamespace(ControllerBed.NAMESPACE)
                        .withName(atA.getMetadata().getName())
                        .get())
                .isNotNull();

        bed.wish("words-ann", "edge-b");
        Deployment atB = await().until(() -> copy("words", "edge-b"), Objects::nonNull);
        FunctionInstance between = bed.awaitInstance("words-ann", i -> "CopyStarting"
                .equals(condition(i, "Migrating").getReason()));
        assertThat(between.getStatus().site()).isEqualTo("edge-a");
        assertThat(between.getStatus().address())
                .as("the old copy goes on serving")
                .isEqualTo(before);
        becomesReady(atB);
        FunctionInstance moved = bed.awaitInstance("words-ann", i -> isRunningAt(i, "edge-b"));
        assertThat(moved.getStatus().address()).startsWith(atB.getMetadata().getName());
        assertThat(moved.getStatus().epoch()).isEqualTo(between.getStatus().epoch() + 1);

        bed.wish("words-bob", "edge-b");
        bed.awaitInstance("words-bob", i -> isRunningAt(i, "edge-b"));
        await("the copy without users ends").until(() -> copy("words", "edge-a") == null);
        assertThat(copy("words", "edge-b")).as("the copy with users stays").isNotNull();
        assertThat(bed.client()
                        .resources(Migration.class)
                        .inNamespace(ControllerBed.NAMESPACE)
                        .list()
                        .getItems())
                .noneMatch(m -> m.getSpec().instance().startsWith("words-"));
    }

    @Test
    void aUserWhoCannotBeServedAtASiteIsServedWhereTheyWere() {
        bed.function("steady", "remote", Map.of());
        bed.create("steady", "steady", "edge-a");
        becomesReady(await().until(() -> copy("steady", "edge-a"), Objects::nonNull));
        bed.awaitInstance("steady", i -> isRunningAt(i, "edge-a"));
        bed.site("edge-b", true, null);

        bed.wish("steady", "edge-b");

        FunctionInstance refused = bed.awaitInstance(
                "steady", i -> "SiteCordoned".equals(condition(i, "Migrating").getReason()));
        assertThat(refused.getStatus().site()).isEqualTo("edge-a");
        assertThat(refused.getStatus().address()).isNotNull();
        assertThat(copy("steady", "edge-b")).isNull();
    }

    @Test
    void aCopyFollowsItsFunctionsTemplateAndKeepsItsNumberOfReplicas() {
        bed.function("scaled", "remote", Map.of());
        bed.create("scaled", "scaled", "edge-a");
        Deployment copy = await().until(() -> copy("scaled", "edge-a"), Objects::nonNull);
        bed.client().resource(copy).scale(3);

        bed.client()
                .apps()
                .deployments()
                .inNamespace(ControllerBed.NAMESPACE)
                .withName("scaled")
                .edit(d -> {
                    d.getSpec()
                            .getTemplate()
                            .getSpec()
                            .getContainers()
                            .getFirst()
                            .setImage("registry.example/main:2");
                    return d;
                });

        Deployment after = await().until(() -> copy("scaled", "edge-a"), d -> d.getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getImage()
                .equals("registry.example/main:2"));
        assertThat(after.getSpec().getReplicas()).isEqualTo(3);
    }

    @Test
    void anInstanceEndsWhenNobodyHasCalledItForAsLongAsItsFunctionSays() {
        bed.function("idle", Map.of(FunctionContract.IDLE_TIMEOUT, "2s"));
        bed.create("uncounted", "idle", "edge-a");
        bed.create("idle", "idle", "edge-a");
        bed.awaitInstance("idle", i -> isRunningAt(i, "edge-a"));
        Instant call = Instant.now();

        bed.client().resource(bed.instance("idle")).edit(i -> {
            i.getMetadata().setAnnotations(Map.of(IdleTime.LAST_CALL, call.toString()));
            return i;
        });

        await().until(() -> bed.instance("idle") == null);
        assertThat(Instant.now()).isAfterOrEqualTo(call.plusSeconds(2));
        assertThat(bed.eventsAbout("idle")).anyMatch(e -> e.startsWith("Idle: no call since " + call));
        assertThat(bed.instance("uncounted")).as("nobody counts its calls").isNotNull();
    }

    private @Nullable Deployment copy(String function, String site) {
        return bed
                .client()
                .apps()
                .deployments()
                .inNamespace(ControllerBed.NAMESPACE)
                .withLabel(Carovana.COPY_LABEL)
                .list()
                .getItems()
                .stream()
                .filter(d -> d.getMetadata().getName().startsWith(function + "-"))
                .filter(d -> site.equals(d.getMetadata().getAnnotations().get(Carovana.SITE_ANNOTATION)))
                .findFirst()
                .orElse(null);
    }

    /** As the Deployment's controller says when a pod takes calls. */
    private void becomesReady(Deployment copy) {
        bed.client().resource(copy).editStatus(d -> new DeploymentBuilder(d)
                .editOrNewStatus()
                .withReplicas(1)
                .withReadyReplicas(1)
                .withAvailableReplicas(1)
                .endStatus()
                .build());
    }

    private static boolean isRefused(FunctionInstance instance) {
        return instance.getStatus() != null
                && instance.getStatus().phase() == Phase.Pending
                && ready(instance).contains("max-instances of Deployment few is 2");
    }

    private static String ready(FunctionInstance instance) {
        return condition(instance, "Ready").getMessage();
    }

    private static Condition condition(FunctionInstance instance, String type) {
        Condition none = new Condition();
        none.setMessage("");
        Condition found = instance.getStatus() == null
                ? null
                : Conditions.find(instance.getStatus().conditions(), type);
        return found == null ? none : found;
    }

    private String image(String pod) {
        return bed.pod(pod).getSpec().getContainers().getFirst().getImage();
    }

    /** Status and message of the condition that Carovana writes on functions. */
    @SuppressWarnings("unchecked") // JSON
    private String accepted(HasMetadata function) {
        var found = bed.client()
                .genericKubernetesResources(function.getApiVersion(), function.getKind())
                .inNamespace(ControllerBed.NAMESPACE)
                .withName(function.getMetadata().getName())
                .get();
        var conditions = (List<Map<String, Object>>) found.get("status", "conditions");
        return conditions == null
                ? ""
                : conditions.stream()
                        .filter(c -> c.get("type").equals("carovana.dev/Accepted"))
                        .map(c -> c.get("status") + " " + c.get("message"))
                        .findFirst()
                        .orElse("");
    }
}
