// SPDX-License-Identifier: Apache-2.0
package dev.carovana.controller;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the controller has written, by key, until a watch shows that or something later. Thread-safe. */
public final class WrittenHere<T> {
    private final Map<String, T> written = new ConcurrentHashMap<>();
    private final ToLongFunction<T> version;

    /** @param version grows with each change of an object */
    public WrittenHere(ToLongFunction<T> version) {
        this.version = version;
    }

    /** @param shown how the watch shows it, if it does */
    public void wrote(String key, T now, Supplier<Optional<T>> shown) {
        written.compute(key, (k, before) -> {
            T newer = newer(before, now);
            return shown.get().filter(s -> isAtLeast(s, newer)).isPresent() ? null : newer;
        });
    }

    /** The watch shows it so. */
    public void shown(String key, T now) {
        written.computeIfPresent(key, (k, own) -> isAtLeast(now, own) ? null : own);
    }

    /** It does not exist any more. */
    public void gone(String key) {
        written.remove(key);
    }

    /** As it was written here or as the watch shows it, whichever is newer. */
    public Optional<T> latest(String key, Supplier<Optional<T>> shown) {
        T own = written.get(key);
        // asked for after it: what is not among the written any more is shown
        Optional<T> seen = shown.get();
        return seen.map(s -> newer(own, s)).or(() -> Optional.ofNullable(own));
    }

    /** All that no watch has shown yet. */
    Stream<T> all() {
        return written.values().stream();
    }

    private T newer(@Nullable T one, T other) {
        return one != null && !isAtLeast(other, one) ? one : other;
    }

    private boolean isAtLeast(T one, T other) {
        return version.applyAsLong(one) >= version.applyAsLong(other);
    }
}
