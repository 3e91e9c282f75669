// SPDX-License-Identifier: Apache-2.0
package dev.carovana.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a function's developer says of its persistent volumes.
 *
 * @param sent names of volumes of the pod template whose content moves with an instance
 * @param limit most bytes that these may have together
 */
public record VolumeContract(List<String> sent, long limit) {
    public static final String SEND = "carovana.dev/send-volumes";
    public static final String SEND_LIMIT = "carovana.dev/send-volumes-limit";

    static final long DEFAULT_LIMIT = 1L << 30;
    public static final VolumeContract NONE = new VolumeContract(List.of(), DEFAULT_LIMIT);

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,8})([KMGT])i");
    private static final String UNITS = "KMGT";

    /** Volumes that are sent, as the annotation has them. */
    public static Optional<List<String>> names(String text) {
        List<String> names =
                Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        return names.stream().allMatch(name -> NAME.matcher(name).matches()) ? Optional.of(names) : Optional.empty();
    }

    static Optional<Long> bytes(String text) {
        Matcher size = SIZE.matcher(text);
        return size.matches()
                ? Optional.of(Long.parseLong(size.group(1)) << 10 * (1 + UNITS.indexOf(size.group(2))))
                : Optional.empty();
    }
}
