// SPDX-License-Identifier: Apache-2.0
package dev.carovana.mobility;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.carovana.model.MobilityEvent;
import dev.carovana.model.MobilityEvent.Kind;
import dev.carovana.model.MobilityEvent.Target;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EventReaderTest {
    private static final Instant STAMP = Instant.ofEpochSecond(1_795_489_200L);
    private static final Instant EXPECTED = Instant.parse("2026-11-24T03:00:20Z");
    private static final String IPV4 = "ipv4:10.100.0.1";
    private static final String GPSI = "gpsi:msisdn-390501234567";

    static Stream<Arguments> examples() {
        return Stream.of(
                arguments(
                        "mec021-triggered",
                        Kind.MOVE,
                        Set.of(IPV4, "ipv6:2001:db8:0:0:0:0:0:1", "nat:203.0.113.7", "teid:1234"),
                        new Target.Endpoint(
                                List.of("gateway.edge-b.example.org", "5abe4782-2c70-4e47-9a4e-0ee3a1a0fd1f")),
                        STAMP.plusMillis(500)),
                arguments("mec021-strings", Kind.MOVE, Set.of(IPV4), new Target.Endpoint(List.of("zone-b")), STAMP),
                arguments("mec021-completed", Kind.DONE, Set.of(IPV4), new Target.Nowhere(), null),
                arguments(
                        "mec012-preparation",
                        Kind.PREPARE,
                        Set.of(IPV4),
                        new Target.Zone(List.of("001010000A02", "001010000003")),
                        STAMP),
                arguments("mec012-cancelled", Kind.ABORT, Set.of(IPV4), new Target.Zone(List.of("001010000002")), null),
                arguments(
                        "mec013-entering", Kind.MOVE, Set.of(IPV4), new Target.Zone(List.of("ap-7", "zone-b")), STAMP),
                arguments("mec013-leaving", Kind.DONE, Set.of(GPSI), new Target.Nowhere(), null),
                arguments(
                        "acr-determine",
                        Kind.PREPARE,
                        Set.of(GPSI),
                        new Target.Zone(List.of("00101000000b02", "001010000a02", "0010100002a")),
                        null),
                arguments(
                        "acr-initiate",
                        Kind.MOVE,
                        Set.of("gpsi:extid-alice@example.org"),
                        new Target.Endpoint(List.of("Gateway.edge-b.example.org")),
                        null),
                arguments(
                        "acr-declare",
                        Kind.MOVE,
                        Set.of(GPSI),
                        new Target.Endpoint(List.of("192.0.2.7", "2001:DB8::7")),
                        null));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void oneFormForAllFormats(String name, Kind kind, Set<String> subjects, Target to, Instant time) throws Exception {
        List<MobilityEvent> events = Examples.read(name);

        assertThat(events).hasSize(1);
        MobilityEvent event = events.getFirst();
        assertThat(event.kind()).isEqualTo(kind);
        assertThat(event.subjects()).isEqualTo(subjects);
        assertThat(event.to()).isEqualTo(to);
        assertThat(event.origin().time()).isEqualTo(time);
        assertThat(event.origin().key()).matches("\\S+ \\S+");
    }

    @ParameterizedTest
    @CsvSource({
        "tel:+390501234567, gpsi:msisdn-390501234567",
        "tel:+39-050-123-4567, gpsi:msisdn-390501234567",
        "TEL:+39(050)123.4567, gpsi:msisdn-390501234567",
        "tel:+39-050;ext=7, address:tel:+39-050;ext=7",
        "tel:+-, address:tel:+-"
    })
    void separatorsOfANumberDoNotCount(String address, String subject) throws Exception {
        String text =
                "{\"zonalPresenceNotification\": {\"zoneId\": \"z\", \"userEventType\": \"Entering\", \"address\": \""
                        + address + "\"}}";

        MobilityEvent event = EventReader.read("application/json", Map.of(), text.getBytes(UTF_8), STAMP)
                .orElseThrow()
                .events()
                .getFirst();

        assertThat(event.subjects()).containsExactly(subject);
    }

    @Test
    void aPredictionSaysWhen() throws Exception {
        assertThat(Examples.read("moved").getFirst().expectedAt()).isEqualTo(EXPECTED);
        assertThat(Examples.read("acr-initiate").getFirst().expectedAt()).isEqualTo(EXPECTED);
    }

    @Test
    void eachReportOfAnEnablerServerIsAnEvent() throws Exception {
        List<MobilityEvent> events = Examples.read("acr-management");

        Target dnai = new Target.Zone(List.of("dnai-b"));
        Target gateway = new Target.Endpoint(List.of("gateway.edge-b.example.org"));
        assertThat(events)
                .extracting(MobilityEvent::kind)
                .containsExactly(Kind.PREPARE, Kind.MOVE, Kind.PREPARE, Kind.MOVE, Kind.ABORT);
        assertThat(events)
                .extracting(MobilityEvent::to)
                .containsExactly(dnai, dnai, gateway, gateway, new Target.Nowhere());
        assertThat(events)
                .extracting(MobilityEvent::subjects)
                .containsExactly(
                        Set.of(GPSI, "gpsi:extid-alice@example.org", IPV4),
                        Set.of("ipv6:2001:db8:0:0:0:0:0:1"),
                        Set.of(GPSI),
                        Set.of("subscription:sub-1"),
                        Set.of("subscription:sub-1"));
        assertThat(events.get(2).expectedAt()).isEqualTo(EXPECTED);
    }

    @Test
    void theSubscriptionIsTheSource() throws Exception {
        assertThat(Examples.read("mec021-triggered").getFirst().origin().source())
                .isEqualTo("https://mec.example.org/amsi/v1/subscriptions/mobility/77");
        assertThat(Examples.read("mec021-strings").getFirst().origin().source()).startsWith("urn:etsi:mec:021:");
        assertThat(Examples.read("acr-management").getFirst().origin().source()).endsWith(":sub-1");
    }

    @Test
    void aNotificationWithATimeIsTheSameWhenItComesAgainInAnotherOrder() throws Exception {
        String one =
                "{\"zonalPresenceNotification\":{\"zoneId\":\"z\",\"address\":\"a\",\"userEventType\":\"Entering\","
                        + "\"timestamp\":{\"seconds\":7}}}";
        String same =
                "{\"zonalPresenceNotification\": {\"timestamp\": {\"seconds\": 7}, \"userEventType\": \"Entering\","
                        + " \"address\": \"a\", \"zoneId\": \"z\"}}";

        assertThat(key(same, "01")).isEqualTo(key(one, "02"));
        assertThat(key(one.replace("7", "8"), "01")).isNotEqualTo(key(one, "01"));
        String timeless = one.replace(":7", ":0");
        assertThat(key(timeless, "01")).isNotEqualTo(key(timeless, "02"));
    }

    private static String key(String text, String second) throws MalformedEventException {
        Instant received = Instant.parse("2026-11-24T03:00:" + second + "Z");
        return EventReader.read("application/json", Map.of(), text.getBytes(UTF_8), received)
                .orElseThrow()
                .events()
                .getFirst()
                .origin()
                .key();
    }

    @Test
    void aTestNotificationIsTaken() throws Exception {
        byte[] test = "{\"notificationType\":\"TestNotification\"}".getBytes(UTF_8);

        assertThat(EventReader.read("application/json", Map.of(), test, STAMP)
                        .orElseThrow()
                        .events())
                .isEmpty();
        assertThat(EventReader.read("text/plain", Map.of(), test, STAMP)).isEmpty();
    }

    @ParameterizedTest(name = "{0}: {2} for {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "mec021-triggered|\"MobilityProcedureNotification\"|\"Other\"|notificationType",
                "mec021-triggered|\"notificationType\"|\"type\"|notificationType",
                "mec021-triggered|\"mobilityStatus\": 1|\"mobilityStatus\": 4|mobilityStatus",
                "mec021-triggered|\"mobilityStatus\": 1|\"mobilityStatus\": \"MOVED\"|mobilityStatus",
                "mec021-triggered|\"type\": 2|\"type\": 5|associateId[1].type",
                "mec021-triggered|10.100.0.1|10.100.0.256|associateId[0].value",
                "mec021-triggered|\"seconds\": 1795489200|\"seconds\": -1|timeStamp.seconds",
                "mec021-triggered|500000000|5000000000|timeStamp.nanoSeconds",
                "mec021-triggered|\"host\": \"gateway.edge-b.example.org\"|\"host\": 7|targetAppInfo.commInterface.ipAddresses[0].host",
                "mec021-triggered|https://mec.example.org|a b|_links.subscription.href",
                "mec021-strings|\"appInstanceId\": \"zone-b\"|\"x\": 1|targetAppInfo",
                "mec012-preparation|\"hoStatus\": 1|\"hoStatus\": 6|hoStatus",
                "mec012-preparation|\"trgEcgi\"|\"ecgi\"|trgEcgi",
                "mec012-preparation|\"associateId\"|\"id\"|associateId",
                "mec012-cancelled|\"trgEcgi\": {\"plmn\"|\"trgEcgi\": {\"plan\"|trgEcgi.plmn",
                "mec013-entering|Entering|Dancing|zonalPresenceNotification.userEventType",
                "mec013-entering|\"zoneId\"|\"zone\"|zonalPresenceNotification.zoneId",
                "mec013-entering|\"address\"|\"who\"|zonalPresenceNotification.address",
                "acr-determine|\"ueId\"|\"ue\"|ueId",
                "acr-determine|\"nrCellId\"|\"cell\"|expectedLocArea.nwAreaInfo.ncgis[0].nrCellId",
                "acr-initiate|\"tEasEndpoint\"|\"endpoint\"|tEasEndpoint",
                "acr-initiate|https://Gateway.edge-b.example.org:8443/cart|gateway|tEasEndpoint.uri",
                "acr-initiate|2026-11-24T03:00:20Z|soon|predictExpTime",
                "acr-declare|[\"192.0.2.7\"]|[7]|tEasEndpoint.ipv4Addrs",
                "acr-management|\"subpId\"|\"sub\"|subpId",
                "acr-management|\"EARLY\"|\"NEVER\"|eventReports[0].upPathChgInfo.dnaiChgType",
                "acr-management|ACR_MONITORING|ACR_SELECTION|eventReports[2].event",
                "acr-management|ACT_START\"|ACT_PAUSE\"|eventReports[3].actStatus",
            })
    void namesWhatIsMalformed(String example, String part, String replacement, String field) {
        String text = Examples.text(example).replace(part, replacement);
        assertThat(text).isNotEqualTo(Examples.text(example));

        MalformedEventException e =
                catchThrowableOfType(MalformedEventException.class, () -> Examples.read(example, text));

        assertThat(e).isNotNull();
        assertThat(e.attribute()).isEqualTo(field);
    }
}
