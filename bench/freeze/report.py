#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes bench/results/README.md and freeze.svg from what was measured. Can be run again at any time."""
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import plot
import results

ABOUT = (Path(__file__).parent / "about.md").read_text()


def write(directory):
    freeze = results.read("freeze.csv", directory)
    (directory / "freeze.svg").write_text(plot.svg(freeze))
    page = ABOUT
    for name, text in (("machine", _machine(directory)), ("freezes", _freezes(freeze)),
                       ("parts", _parts(directory)), ("floor", _floor(directory)),
                       ("left out", _left_out(directory)), ("events", _plain("events.csv", directory)),
                       ("continuity", _plain("continuity.csv", directory)), ("pauses", _pauses(directory)),
                       ("gateway", _gateway(directory))):
        page = page.replace(f"<!-- {name} -->", text)
    (directory / "README.md").write_text(page)


def _machine(directory):
    facts = json.loads((directory / "machine.json").read_text())
    return _table(("", ""), [(key, str(value)) for key, value in facts.items()])


def _freezes(rows):
    freezes, totals, sizes = (results.by_cell(rows, column) for column in ("freeze_ms", "total_ms", "bytes"))
    lines = []
    for count, state in sorted({cell[1:] for cell in freezes}):
        line = [f"{count} × {state} MiB"]
        for path in ("carovana", "stock"):
            values = freezes.get((path, count, state))
            line += ["", "", "", "", ""] if not values else [
                f"{results.median(values):.0f}", f"{results.p95(values):.0f}",
                f"{results.median(totals[path, count, state]):.0f}",
                f"{results.median(sizes[path, count, state]) / 1048576:.1f}", str(len(values))]
        ours, theirs = (freezes.get((path, count, state)) for path in ("carovana", "stock"))
        line.append(f"{results.median(theirs) / results.median(ours):.1f}" if ours and theirs else "")
        lines.append(line)
    head = ("containers × state", *(f"{path}: {what}" for path in ("Carovana", "stock")
                                    for what in ("median ms", "p95 ms", "total ms", "MiB sent", "moves")), "times shorter")
    return _table(head, lines)


def _parts(directory):
    columns = ("dump_ms", "transfer_ms", "restore_ms", "client_ms")
    cells = {column: results.by_cell(results.read("details.csv", directory), column) for column in columns}
    names = {"carovana": "Carovana", "stock": "stock"}
    lines = [(names[cell[0]], f"{cell[1]} × {cell[2]} MiB", *(f"{results.median(cells[c][cell]):.0f}" if cell in cells[c] else "–" for c in columns))
             for cell in cells["dump_ms"]]
    return _table(("path", "containers × state", "dump", "transfer", "restore", "seen by a caller"), lines)


def _floor(directory):
    columns = results.FLOOR[3:]
    rows = results.read("floor.csv", directory)
    cells = {column: results.by_cell(rows, column) for column in columns}
    lines = []
    for cell in cells[columns[0]]:
        values = [results.median(cells[column][cell]) for column in columns]
        lines.append((f"{cell[1]} × {cell[2]} MiB", *(f"{value:.0f}" for value in values),
                      f"{values[0] + values[1]:.0f}", f"{values[2] + values[3]:.0f}"))
    return _table(("containers × state", "runc checkpoint", "runc restore", "CRIU: frozen", "CRIU: restore",
                   "floor with runc", "floor of CRIU"), lines)


def _left_out(directory):
    rows = results.read("left-out.csv", directory)
    if not rows:
        return "Every cell that was asked for was measured."
    return "Not, or not completely, measured:\n\n" + "\n".join(
        f"- {row['containers']:.0f} × {row['state_mib']:.0f} MiB: {row['reason']}" for row in rows)


def _plain(file, directory):
    """A file as it is."""
    rows = results.read(file, directory)
    return _table(tuple(rows[0]) if rows else (), [tuple(f"{value:g}" for value in row.values()) for row in rows])


def _pauses(directory):
    """How much longer than the freeze users were without an answer."""
    rows = [row for row in results.read("continuity-moves.csv", directory) if row["phase"] == "Succeeded"]
    if not rows:
        return "(not measured)"
    columns = {"freeze": [row["freeze_ms"] for row in rows], "pause": [row["pause_ms"] for row in rows],
               "pause less freeze": [row["pause_ms"] - row["freeze_ms"] for row in rows],
               "pause less hold": [row["pause_ms"] - row["held_ms"] for row in rows],
               "pause of a bystander": [row["bystander_ms"] for row in rows]}
    return _table(("ms", "median", "p95", "longest"), [
        (name, *(f"{value:.0f}" for value in (results.median(values), results.p95(values), max(values))))
        for name, values in columns.items()])


def _gateway(directory):
    cells = {}
    for row in results.read("gateway.csv", directory):
        cells.setdefault((int(row["connections"]), row["path"]), []).append(row)
    medians = {cell: {column: results.median([row[column] for row in rows]) for column in ("calls_per_s", "p50_ms", "p99_ms")}
               for cell, rows in cells.items()}
    return _table(("connections", "path", "calls/s", "of nginx's", "p50 ms", "added", "p99 ms", "errors"), [
        (connections, path, f"{found['calls_per_s']:.0f}",
         f"{100 * found['calls_per_s'] / medians[connections, 'nginx']['calls_per_s']:.0f} %", f"{found['p50_ms']:.2f}",
         f"{found['p50_ms'] - medians[connections, 'direct']['p50_ms']:.2f}", f"{found['p99_ms']:.2f}",
         f"{sum(row['errors'] for row in cells[connections, path]):.0f}")
        for (connections, path), found in medians.items()])


def _table(head, lines):
    if not lines:
        return "(not measured)"
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


if __name__ == "__main__":
    write(results.DIRECTORY)
