// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import dev.carovana.api.v1alpha1.FunctionInstance;
import dev.carovana.api.v1alpha1.Migration;
import dev.carovana.api.v1alpha1.Site;
import dev.carovana.controller.InstanceCache;
import dev.carovana.controller.Namespaces;
import dev.carovana.controller.SiteCache;
import dev.carovana.controller.instance.InstanceStatuses;
import dev.carovana.model.AllowedSites;
import dev.carovana.model.MobilityDecision.KnownInstance;
import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.rest.Aborts;
import dev.carovana.rest.Store;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What an event is decided upon: the instances of its user, and the sites; from memory, or as they are at the server. */
@ApplicationScoped
class Candidates {
    /**
     * Reads at the server under way at once. More do not make it faster: they open a connection each, and what moves an
     * instance would wait behind what only makes sure that an event is refused.
     */
    private static final int READS = 4;

    private final InstanceCache instances;
    private final SiteCache sites;
    private final InstanceStatuses statuses;
    private final Store store;
    private final Aborts aborts;
    private final Sightings sightings;
    private final Namespaces namespaces;
    private final Semaphore reads = new Semaphore(READS);

    Candidates(
            InstanceCache instances,
            SiteCache sites,
            InstanceStatuses statuses,
            Store store,
            Aborts aborts,
            Sightings sightings,
            Namespaces namespaces) {
        this.instances = instances;
        this.sites = sites;
        this.statuses = statuses;
        this.store = store;
        this.aborts = aborts;
        this.sightings = sightings;
        this.namespaces = namespaces;
    }

    /**
     * An instance of the event's user as it was read.
     *
     * @param migration its active one, if there is one and it matters
     * @param seen when an event last said that the user is where it is, if that is not written on it
     * @param allowed the sites of its namespace
     */
    record Candidate(
            FunctionInstance instance, @Nullable Migration migration, @Nullable Instant seen, AllowedSites allowed) {
        KnownInstance known() {
            return Facts.known(instance, migration, seen, allowed);
        }
    }

    /**
     * Of the event's user, by namespace and name.
     *
     * @param done what is not looked at any more
     * @param atServer whether each is read there
     * @param rulesToo whether the sites that their namespaces allow are read there too
     */
    Map<String, Candidate> of(MobilityEvent event, Set<String> done, boolean atServer, boolean rulesToo) {
        Stream<FunctionInstance> found = instances.of(event.subjects()).stream().filter(i -> !done.contains(key(i)));
        if (atServer) {
            found = found.map(this::read).flatMap(Optional::stream).filter(i -> Facts.isAbout(event, i));
        }
        return found.collect(Collectors.toMap(Candidates::key, i -> candidate(event, i, rulesToo)));
    }

    List<Site> sites(boolean atServer) {
        return atServer ? store.sites() : sites.all();
    }

    private Optional<FunctionInstance> read(FunctionInstance cached) {
        reads.acquireUninterruptibly();
        try {
            return statuses.find(
                    cached.getMetadata().getNamespace(), cached.getMetadata().getName());
        } finally {
            reads.release();
        }
    }

    private Candidate candidate(MobilityEvent event, FunctionInstance instance, boolean rulesAtServer) {
        String namespace = instance.getMetadata().getNamespace();
        return new Candidate(
                instance,
                event.kind() == Kind.ABORT ? aborts.active(instance).orElse(null) : null,
                sightings.last(key(instance)),
                rulesAtServer ? namespaces.allowedSites(namespace) : namespaces.allowedSitesSeen(namespace));
    }

    private static String key(FunctionInstance instance) {
        return instance.getMetadata().getNamespace() + "/"
                + instance.getMetadata().getName();
    }

    static String key(KnownInstance instance) {
        return instance.namespace() + "/" + instance.name();
    }
}
