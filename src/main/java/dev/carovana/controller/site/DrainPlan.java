// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.site;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus;
import dev.carovana.api.v1alpha1.FunctionInstanceStatus.Phase;
import dev.carovana.api.v1alpha1.MigrationSpec;
import dev.carovana.api.v1alpha1.SiteSpec;
import dev.carovana.api.v1alpha1.SiteStatus;
import dev.carovana.api.v1alpha1.SiteStatus.DrainFailure;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.model.AllowedSites;
import dev.carovana.model.MigrationPhase;
import dev.carovana.model.MobilityAnnotations;
import dev.carovana.model.Placement;
import dev.carovana.model.Placement.Candidate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The next step of a site's drain. Pure.
 *
 * @param wishes where instances should be from now on
 * @param progress how far it has come
 * @param moving whether instances are on their way
 */
record DrainPlan(List<Wish> wishes, SiteStatus.Drain progress, boolean moving) {
    /** The status of a site must stay small however many instances it has. */
    private static final int MOST_FAILURES = 50;

    /** An instance should be at a site. */
    record Wish(FunctionInstance instance, String site) {}

    /**
     * What a drain looks at.
     *
     * @param name the site
     * @param spec what its administrator wants
     * @param startedAt only what has happened since then counts
     * @param instances all that there are
     * @param moves what becomes of them
     * @param candidates all sites
     * @param allowed which of them a namespace allows
     */
    record Input(
            String name,
            SiteSpec.Drain spec,
            Instant startedAt,
            Collection<FunctionInstance> instances,
            MovesUnderWay moves,
            List<Candidate> candidates,
            Function<String, AllowedSites> allowed) {}

    static DrainPlan of(Input input, Instant now) {
        return new Planner(input, now).plan();
    }

    /** Goes through the site's instances; what one of them gets the next one cannot have. */
    private static final class Planner {
        private final Input input;
        private final Instant now;
        private final List<Candidate> candidates;
        private final List<Wish> wishes = new ArrayList<>();
        private final List<DrainFailure> failures = new ArrayList<>();
        private int free;

        Planner(Input input, Instant now) {
            this.input = input;
            this.now = now;
            this.candidates = new ArrayList<>(input.candidates());
        }

        DrainPlan plan() {
            List<FunctionInstance> here = input.instances().stream()
                    .filter(this::isHere)
                    .sorted(Comparator.comparing(i -> i.getMetadata().getNamespace() + "/"
                            + i.getMetadata().getName()))
                    .toList();
            int leaving = (int) here.stream()
                    .filter(i -> input.moves().destination(i).isPresent())
                    .count();
            free = free(leaving);
            here.forEach(this::consider);
            int remaining = here.size() + arriving();
            int moved = (int) input.instances().stream()
                    .filter(i -> !isHere(i) && hasLeft(i))
                    .count();
            boolean moving =
                    leaving > 0 || wishes.stream().anyMatch(w -> !w.site().equals(input.name()));
            return new DrainPlan(
                    wishes,
                    new SiteStatus.Drain(
                            input.startedAt().toString(),
                            moved + remaining,
                            moved,
                            remaining,
                            failures.stream().limit(MOST_FAILURES).toList()),
                    moving);
        }

        /** How many more may be sent away now. */
        private int free(int leaving) {
            int free = input.spec().maxConcurrent() - leaving;
            Candidate source = source();
            return source == null || source.maxMigrations() == null
                    ? free
                    : Math.min(free, source.maxMigrations() - source.migrations());
        }

        private @Nullable Candidate source() {
            return candidates.stream()
                    .filter(c -> c.name().equals(input.name()))
                    .findFirst()
                    .orElse(null);
        }

        private boolean isHere(FunctionInstance instance) {
            return input.name().equals(InstanceStatuses.of(instance).site());
        }

        /** Moves to the site that were begun before it was cordoned: it is not empty as long as one may come. */
        private int arriving() {
            return (int) input.instances().stream()
                    .filter(i -> !isHere(i)
                            && input.moves()
                                    .destination(i)
                                    .filter(input.name()::equals)
                                    .isPresent())
                    .count();
        }

        private boolean hasLeft(FunctionInstance instance) {
            return attempts(instance).stream().anyMatch(a -> a.phase() == MigrationPhase.Succeeded);
        }

        private List<Attempt> attempts(FunctionInstance instance) {
            return Attempt.since(input.startedAt(), input.name(), input.moves().of(instance));
        }

        private void consider(FunctionInstance instance) {
            List<Attempt> failed = attempts(instance).stream()
                    .filter(a -> a.phase() != MigrationPhase.Succeeded)
                    .toList();
            if (input.moves().destination(instance).isPresent()) {
                tellLast(instance, failed);
                return;
            }
            FunctionInstanceStatus status = InstanceStatuses.of(instance);
            if (status.podUid() == null && !instance.getSpec().site().equals(input.name())) {
                return; // it has been sent away, and starts there in a moment
            }
            if (status.phase() != Phase.Running && status.podUid() != null) {
                fail(instance, "NotRunning", "it is " + status.phase() + ", and moves when it runs");
                return;
            }
            Placement placement = Placement.of(
                    input.spec().policy(),
                    source(),
                    candidates,
                    input.allowed().apply(instance.getMetadata().getNamespace()),
                    Attempt.refusals(failed, now));
            Optional<String> choice = placement.choice();
            if (choice.isPresent() && free > 0) {
                tellLast(instance, failed);
                send(instance, choice.get());
                return;
            }
            if (choice.isPresent()) {
                tellLast(instance, failed);
            } else {
                String code = failed.isEmpty()
                        ? placement.refusal().code()
                        : failed.getLast().why().code();
                fail(instance, code, placement.refusal().message());
            }
            withdraw(instance);
        }

        private void send(FunctionInstance instance, String site) {
            wishes.add(new Wish(instance, site));
            free--;
            candidates.replaceAll(c -> c.name().equals(site) ? withOneMore(c) : c);
        }

        private static Candidate withOneMore(Candidate c) {
            return new Candidate(
                    c.name(),
                    c.ready(),
                    c.cordoned(),
                    c.instances() + 1,
                    c.maxInstances(),
                    c.migrations() + 1,
                    c.maxMigrations(),
                    c.location());
        }

        /** A failed wish would be tried again when its back-off ends, without asking how many move then. */
        private void withdraw(FunctionInstance instance) {
            Map<String, String> told = instance.getMetadata().getAnnotations();
            boolean ours =
                    told != null && MigrationSpec.Reason.Drain.name().equals(told.get(MobilityAnnotations.REASON));
            if (ours && !instance.getSpec().site().equals(input.name())) {
                wishes.add(new Wish(instance, input.name()));
            }
        }

        private void tellLast(FunctionInstance instance, List<Attempt> failed) {
            if (!failed.isEmpty()) {
                fail(
                        instance,
                        failed.getLast().why().code(),
                        failed.getLast().why().message());
            }
        }

        private void fail(FunctionInstance instance, String reason, String message) {
            failures.add(new DrainFailure(
                    instance.getMetadata().getNamespace(),
                    instance.getMetadata().getName(),
                    reason,
                    message));
        }
    }
}
