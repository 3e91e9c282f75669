// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class WrittenHereTest {
    private final WrittenHere<Integer> written = new WrittenHere<>(version -> version);

    @Test
    void isWhatWasWrittenUntilTheWatchShowsIt() {
        written.wrote("a", 5, () -> Optional.of(4));
        written.shown("a", 4);
        assertThat(written.latest("a", () -> Optional.of(4))).contains(5);
        written.shown("a", 5);
        assertThat(written.all()).isEmpty();
        assertThat(written.latest("a", () -> Optional.of(5))).contains(5);
    }

    @Test
    void isWhatTheWatchShowsIfThatIsLater() {
        written.wrote("a", 5, Optional::empty);
        assertThat(written.latest("a", () -> Optional.of(6))).contains(6);
    }

    @Test
    void doesNotKeepWhatTheWatchHasShownBefore() {
        written.wrote("a", 5, () -> Optional.of(6));
        assertThat(written.all()).isEmpty();
    }

    @Test
    void keepsTheLaterOfTwoWrites() {
        written.wrote("a", 6, Optional::empty);
        written.wrote("a", 5, Optional::empty);
        assertThat(written.all()).containsExactly(6);
    }

    @Test
    void isNotMissedWhenTheWatchShowsItAtThatMoment() {
        written.wrote("a", 5, Optional::empty);
        assertThat(written.latest("a", () -> {
                    Optional<Integer> shown = Optional.of(4);
                    written.shown("a", 5);
                    return shown;
                }))
                .contains(5);
    }

    @Test
    void endsWithTheObject() {
        written.wrote("a", 5, Optional::empty);
        written.gone("a");
        assertThat(written.latest("a", Optional::empty)).isEmpty();
    }
}
