// SPDX-License-Identifier: Apache-2.0
package dev.carovana.cli;

import java.util.List;

/** Lines whose cells stand below each other, as kubectl aligns them. Later, longer cells move only what follows them. */
final class Table {
    private static final String GAP = "   ";
    private static final String NOTHING = "<none>";

    private final int[] widths;

    Table(List<String> headers, List<List<String>> rows) {
        widths = headers.stream().mapToInt(String::length).toArray();
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], cell(row.get(column)).length());
            }
        }
    }

    String line(List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = cell(row.get(column));
            line.append(cell);
            if (column < widths.length - 1) {
                line.append(" ".repeat(Math.max(0, widths[column] - cell.length())))
                        .append(GAP);
            }
        }
        return line.toString();
    }

    private static String cell(String text) {
        return text.isEmpty() ? NOTHING : text.replaceAll("\\s+", " ");
    }
}
