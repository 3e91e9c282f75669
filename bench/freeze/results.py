# SPDX-License-Identifier: Apache-2.0
"""What is measured, and the files that keep it."""
import csv
import math
import statistics
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

DIRECTORY = Path(__file__).resolve().parent.parent / "results"
FREEZE = ("path", "containers", "state_mib", "run", "freeze_ms", "total_ms", "bytes")
DETAILS = ("path", "containers", "state_mib", "run", "client_ms", "dump_ms", "transfer_ms", "restore_ms")
FLOOR = ("containers", "state_mib", "run", "runc_dump_ms", "runc_restore_ms", "criu_dump_ms", "criu_restore_ms")
CONTINUITY = ("migrations", "calls", "failed", "lost", "doubled", "longest_pause_ms", "freeze_ms")
CONTINUITY_MOVES = ("run", "phase", "freeze_ms", "pause_ms", "held_ms", "bystander_ms")
GATEWAY = ("path", "connections", "run", "calls_per_s", "p50_ms", "p99_ms", "errors")
LEFT_OUT = ("containers", "state_mib", "reason")


@dataclass(frozen=True)
class Move:
    """One move of a pod; all times in milliseconds.

    client_ms is what a caller sees: from its last answer at the source to its first one at the destination.
    dump, transfer and restore follow each other and make up the freeze. Carovana sends a container while others are
    still dumped, and only the agents know when the last byte was there: its restore_ms has the rest of the transfer.
    """
    freeze_ms: float
    total_ms: float
    bytes: int
    client_ms: float
    dump_ms: float
    transfer_ms: float | None
    restore_ms: float


class Table:
    """A CSV file that is written row by row: what was measured is there even if the run ends early."""

    def __init__(self, name, columns, directory):
        self.columns = columns
        directory.mkdir(parents=True, exist_ok=True)
        self.file = open(directory / name, "w", newline="")
        self.writer = csv.writer(self.file, lineterminator="\n")
        self.writer.writerow(columns)

    def add(self, *values):
        self.writer.writerow([f"{value:.1f}" if isinstance(value, float) else value for value in values])
        self.file.flush()

    def add_move(self, path, containers, state_mib, run, move):
        """The columns that a Move has under the same names."""
        self.add(path, containers, state_mib, run, *(getattr(move, column) for column in self.columns[4:]))


def read(name, directory):
    """Rows as dictionaries, numbers as numbers, without what is empty; no rows if the file is not there."""
    try:
        with open(directory / name, newline="") as file:
            return [{key: value if key in ("path", "reason", "phase") else float(value) for key, value in row.items() if value}
                    for row in csv.DictReader(file)]
    except FileNotFoundError:
        return []


def by_cell(rows, column):
    """{(path, containers, state_mib): values of the column}, in order of size, without cells that have none."""
    cells = defaultdict(list)
    for row in rows:
        if column in row:
            cells[row.get("path", ""), int(row["containers"]), int(row["state_mib"])].append(row[column])
    return dict(sorted(cells.items()))


def median(values):
    return statistics.median(values)


def p95(values):
    """The smallest value that at least 95 % are not above."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]
