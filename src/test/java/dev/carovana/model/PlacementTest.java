// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.model.Placement.Candidate;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
    private static final AllowedSites ALL = new AllowedSites("functions", null);
    private static final Location PISA = new Location(43.7167, 10.4);
    private static final Location ROME = new Location(41.9, 12.5);
    private static final Location SYDNEY = new Location(-33.87, 151.21);

    private static Candidate site(String name, int instances, Integer most, Location location) {
        return new Candidate(name, true, false, instances, most, 0, null, location);
    }

    private static List<String> sites(PlacementPolicy policy, Candidate source, Candidate... candidates) {
        return Placement.of(policy, source, List.of(candidates), ALL, Map.of()).sites();
    }

    @ParameterizedTest(name = "{0},{1} to {2},{3}: {4} km")
    @CsvSource({
        "43.7167, 10.4, 43.7167, 10.4, 0",
        "43.7167, 10.4, 41.9, 12.5, 265", // Pisa to Rome
        "51.5, -0.12, 40.71, -74, 5570", // London to New York
        "0, 179.5, 0, -179.5, 111", // over the date line
        "90, 0, -90, 0, 20015", // from pole to pole
    })
    void distances(double latitude, double longitude, double otherLatitude, double otherLongitude, double kilometres) {
        Location one = new Location(latitude, longitude);
        Location other = new Location(otherLatitude, otherLongitude);

        assertThat(one.distanceTo(other)).isCloseTo(kilometres, Offset.offset(kilometres / 200 + 0.5));
        assertThat(other.distanceTo(one)).isEqualTo(one.distanceTo(other));
    }

    @Test
    void theNearestSiteIsTheFirstHoweverFullItIs() {
        assertThat(sites(
                        PlacementPolicy.Nearest,
                        site("pisa", 0, null, PISA),
                        site("nowhere", 0, null, null),
                        site("sydney", 0, null, SYDNEY),
                        site("rome", 9, 10, ROME)))
                .containsExactly("rome", "sydney", "nowhere");
    }

    @Test
    void theLoadDecidesBetweenSitesWhoseDistanceNobodyKnows() {
        assertThat(sites(
                        PlacementPolicy.Nearest,
                        site("source", 0, null, null),
                        site("a", 2, null, PISA),
                        site("c", 1, null, null),
                        site("b", 1, null, ROME)))
                .containsExactly("b", "c", "a");
    }

    @Test
    void theLeastLoadedSiteIsTheOneWithTheSmallestShareOfItsLimit() {
        assertThat(sites(
                        PlacementPolicy.LeastLoaded,
                        null,
                        site("small", 2, 4, null),
                        site("large", 30, 100, null),
                        site("medium", 4, 10, null)))
                .containsExactly("large", "medium", "small");
    }

    @Test
    void aSiteWithoutLimitIsComparedByNumbers() {
        assertThat(sites(
                        PlacementPolicy.LeastLoaded,
                        null,
                        site("small", 2, 4, null),
                        site("large", 30, 100, null),
                        site("endless", 3, null, null)))
                .containsExactly("small", "endless", "large");
    }

    @Test
    void namesDecideBetweenEqualSites() {
        assertThat(sites(PlacementPolicy.LeastLoaded, null, site("b", 1, null, null), site("a", 1, null, null)))
                .containsExactly("a", "b");
    }

    @Test
    void saysOfEachOtherSiteWhyItIsNotTaken() {
        List<Candidate> candidates = List.of(
                site("source", 0, null, null),
                new Candidate("cordoned", true, true, 0, null, 0, null, null),
                new Candidate("down", false, false, 0, null, 0, null, null),
                site("full", 3, 3, null),
                new Candidate("busy", true, false, 0, null, 2, 2, null),
                site("foreign", 0, null, null),
                site("failed", 0, null, null));
        AllowedSites allowed = new AllowedSites("functions", "cordoned,down,full,busy,failed");

        Placement placement = Placement.of(
                PlacementPolicy.Nearest,
                candidates.getFirst(),
                candidates,
                allowed,
                Map.of("failed", new Reason("DumpFailed", "site failed: CRIU said no")));

        assertThat(placement.choice()).isEmpty();
        assertThat(placement.excluded())
                .containsExactly(
                        new Reason("SiteLimit", "site busy: spec.limits.maxMigrations is 2 and 2 are there"),
                        new Reason("SiteCordoned", "site cordoned: spec.cordoned is true"),
                        new Reason("SiteNotReady", "site down: condition Ready is not true"),
                        new Reason("DumpFailed", "site failed: CRIU said no"),
                        new Reason(
                                "SiteNotAllowed",
                                "site foreign: namespace functions has annotation carovana.dev/allowed-sites"
                                        + " 'cordoned,down,full,busy,failed', expected to name the site"),
                        new Reason("SiteLimit", "site full: spec.limits.maxInstances is 3 and 3 are there"));
        assertThat(placement.refusal().code()).isEqualTo("NoSite");
        assertThat(placement.refusal().message()).startsWith("site busy: ").contains("; site full: ");
    }

    @Test
    void aSiteThatIsBusyWithMigrationsTakesNewInstances() {
        assertThat(sites(PlacementPolicy.LeastLoaded, null, new Candidate("busy", true, false, 0, null, 2, 2, null)))
                .containsExactly("busy");
    }

    @Test
    void withoutAnySite() {
        assertThat(Placement.of(PlacementPolicy.Nearest, null, List.of(), ALL, Map.of())
                        .refusal()
                        .message())
                .isEqualTo("there is no site for the instance");
    }

    @ParameterizedTest(name = "{0} allows {1}: {2}")
    @CsvSource({
        ", edge-a, true",
        "edge-a, edge-a, true",
        "'edge-b , edge-a', edge-a, true",
        "'edge-b,', edge-b, true",
        "edge-a, edge-b, false",
        "edge-ab, edge-a, false",
        "'', edge-a, false", // whoever forbids all must not allow all
        "'  ', edge-a, false",
        "*, edge-a, false",
    })
    void theAllowListOfANamespace(String annotation, String site, boolean allowed) {
        assertThat(new AllowedSites("functions", annotation).against(site).isEmpty())
                .isEqualTo(allowed);
    }
}
