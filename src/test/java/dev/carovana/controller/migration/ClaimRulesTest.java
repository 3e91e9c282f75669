// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.carovana.link.v1.Claim;
import dev.carovana.model.Reason;
import dev.carovana.model.VolumeContract;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimRulesTest {
    private static final VolumeContract SENDS = new VolumeContract(List.of("v"), 100L << 20);

    /** @param mount of volume v, whose claim is c, after its name and path */
    private static Pod pod(String mount) {
        return Serialization.unmarshal(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: p, namespace: functions}
                spec:
                  containers: [{name: main, image: x, volumeMounts: [{name: v, mountPath: /data%s}]}]
                  volumes:
                    - {name: v, persistentVolumeClaim: {claimName: c}}
                    - {name: w, emptyDir: {}}
                """
                        .formatted(mount),
                Pod.class);
    }

    private static Claim.Builder claim(String... modes) {
        return Claim.newBuilder().setName("c").setBound(true).addAllAccessModes(List.of(modes));
    }

    private static List<String> check(String mount, VolumeContract contract, Claim... claims) {
        return ClaimRules.check(pod(mount), contract, "edge-b", List.of(claims)).stream()
                .map(Reason::message)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "ReadWriteMany, '', true",
        "ReadWriteMany, ', readOnly: true', true",
        "ReadOnlyMany, ', readOnly: true', true",
        "ReadOnlyMany, '', false",
        "ReadWriteOnce, '', false",
        "ReadWriteOnce, ', readOnly: true', false",
        "ReadWriteOncePod, '', false"
    })
    void whatIsNotSentMustBeShared(String mode, String mount, boolean moves) {
        List<String> reasons = check(mount, VolumeContract.NONE, claim(mode).build());

        if (moves) {
            assertThat(reasons).isEmpty();
        } else {
            assertThat(reasons)
                    .singleElement()
                    .asString()
                    .contains("volumes[v]", "'c'", "edge-b", mode, "expected ReadWriteMany", VolumeContract.SEND);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"})
    void whatIsSentMayBeOfOneNode(String mode) {
        assertThat(check("", SENDS, claim(mode).build())).isEmpty();
        assertThat(check(
                        "",
                        SENDS,
                        claim(mode).setBound(false).setAwaitsPod(true).build()))
                .as("a claim that is bound when its first pod comes")
                .isEmpty();
        assertThat(check("", SENDS, claim(mode).addUsedBy("other-1").build()))
                .singleElement()
                .asString()
                .contains("used by pod other-1", "replaced");
    }

    @Test
    void aClaimMustBeThereAndBound() {
        Claim other = claim("ReadWriteMany").setName("d").build();
        assertThat(check("", VolumeContract.NONE, other))
                .singleElement()
                .asString()
                .contains("is not there at site edge-b", "namespace functions");
        assertThat(check("", SENDS, claim("ReadWriteOnce").setBound(false).build()))
                .singleElement()
                .asString()
                .contains("not bound, expected Bound");
        assertThat(check(
                        "",
                        VolumeContract.NONE,
                        claim("ReadWriteMany")
                                .setBound(false)
                                .setAwaitsPod(true)
                                .build()))
                .as("nothing that is new is shared")
                .hasSize(1);
    }

    @Test
    void onlyWholeVolumesWithAClaimAreSentAndToAnotherSite() {
        assertThat(ClaimRules.checkSent(pod(""), SENDS, false)).isEmpty();
        assertThat(ClaimRules.checkSent(pod(""), SENDS, true))
                .extracting(Reason::message)
                .singleElement()
                .asString()
                .contains("volumes[v]", "another site");
        assertThat(ClaimRules.checkSent(pod(", subPath: a"), SENDS, false))
                .extracting(Reason::message)
                .singleElement()
                .asString()
                .contains("/data", "subPath");
        assertThat(ClaimRules.checkSent(pod(", subPath: a"), VolumeContract.NONE, true))
                .isEmpty();
        assertThat(ClaimRules.checkSent(pod(""), new VolumeContract(List.of("w", "x"), 1), false))
                .extracting(Reason::message)
                .satisfiesExactly(
                        w -> assertThat(w).contains("'w'", "expected a volume of the pod with a persistentVolumeClaim"),
                        x -> assertThat(x).contains("'x'"));
    }

    @Test
    void whatIsSentMustNotBeMoreThanIsAllowedOrHasRoom() {
        List<Claim> there =
                List.of(claim("ReadWriteOnce").setCapacityBytes(50L << 20).build());

        assertThat(ClaimRules.checkSize(pod(""), SENDS, 50L << 20, there)).isEmpty();
        assertThat(ClaimRules.checkSize(pod(""), SENDS, 51L << 20, there))
                .extracting(Reason::message)
                .singleElement()
                .asString()
                .contains("51 MiB", "50 MiB");
        assertThat(ClaimRules.checkSize(pod(""), SENDS, 101L << 20, List.of()))
                .extracting(Reason::message)
                .anySatisfy(message -> assertThat(message).contains(VolumeContract.SEND_LIMIT, "101 MiB", "100 MiB"));
        List<Claim> unbound = List.of(claim("ReadWriteOnce").setBound(false).build());
        assertThat(ClaimRules.checkSize(pod(""), SENDS, 51L << 20, unbound))
                .as("how large it will be is not known")
                .isEmpty();
        assertThat(ClaimRules.checkSize(pod(""), VolumeContract.NONE, 0, there)).isEmpty();
    }
}
