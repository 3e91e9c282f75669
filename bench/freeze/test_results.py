# SPDX-License-Identifier: Apache-2.0
import struct
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import carovana
import floor
import plot
import report
import results


def rows(path, freezes, count=2, state=16):
    return [{"path": path, "containers": count, "state_mib": state, "run": n, "freeze_ms": freeze, "total_ms": 9.0,
             "bytes": 1048576.0} for n, freeze in enumerate(freezes)]


class ResultsTest(unittest.TestCase):
    def test_the_95th_percentile_is_a_measured_value(self):
        self.assertEqual(results.p95(list(range(1, 101))), 95)
        self.assertEqual(results.p95([5, 1, 3]), 5)
        self.assertEqual(results.p95([7]), 7)

    def test_cells_come_in_order_of_size(self):
        found = results.by_cell(rows("stock", [2], 10) + rows("stock", [1], 2), "freeze_ms")
        self.assertEqual(list(found), [("stock", 2, 16), ("stock", 10, 16)])

    def test_what_is_written_is_read_again(self):
        with tempfile.TemporaryDirectory() as directory:
            table = results.Table("x.csv", results.FREEZE, Path(directory))
            table.add_move("stock", 2, 16, 1, results.Move(1.25, 2.0, 3, 4.0, 5.0, 6.0, 7.0))
            self.assertEqual(results.read("x.csv", Path(directory)),
                             [{"path": "stock", "containers": 2, "state_mib": 16, "run": 1, "freeze_ms": 1.2,
                               "total_ms": 2.0, "bytes": 3}])
            table.file.close()


    def test_what_was_not_measured_is_not_there(self):
        with tempfile.TemporaryDirectory() as directory:
            table = results.Table("x.csv", results.DETAILS, Path(directory))
            table.add_move("carovana", 2, 16, 1, results.Move(1.0, 2.0, 3, 4.0, 5.0, None, 7.0))
            rows = results.read("x.csv", Path(directory))
            self.assertEqual(results.by_cell(rows, "transfer_ms"), {})
            self.assertEqual(results.by_cell(rows, "restore_ms"), {("carovana", 2, 16): [7.0]})
            table.file.close()


class PlotTest(unittest.TestCase):
    def test_a_smaller_freeze_is_drawn_lower(self):
        scale = plot.Scale([100, 2000])
        self.assertGreater(scale.y(100), scale.y(2000))
        self.assertEqual(scale.ticks()[0], 100)

    def test_the_plot_is_well_formed_and_has_each_cell(self):
        text = plot.svg(rows("carovana", [100, 120]) + rows("stock", [1000, 2000]) + rows("stock", [900], 1))
        ElementTree.fromstring(text)
        self.assertIn("2 × 16", text)
        self.assertIn("median 110 ms, 95th percentile 120 ms, 2 moves", text)


class ReportTest(unittest.TestCase):
    def test_the_page_says_how_many_times_shorter(self):
        text = report._freezes(rows("carovana", [100.0]) + rows("stock", [950.0]))
        self.assertIn("| 2 × 16 MiB | 100 | 100 | 9 | 1.0 | 1 | 950 | 950 | 9 | 1.0 | 1 | 9.5 |", text)

    def test_gateways_are_compared_with_a_direct_call_and_with_nginx(self):
        with tempfile.TemporaryDirectory() as directory:
            table = results.Table("gateway.csv", results.GATEWAY, Path(directory))
            for path, rate, p50 in (("direct", 900, 1.0), ("carovana", 300, 1.5), ("nginx", 400, 1.25)):
                table.add(path, 1, 1, rate, f"{p50}", "2.0", 0)
            self.assertIn("| 1 | carovana | 300 | 75 % | 1.50 | 0.50 | 2.00 | 0 |", report._gateway(Path(directory)))
            table.file.close()

    def test_pauses_are_told_beside_the_freeze_of_the_same_move(self):
        with tempfile.TemporaryDirectory() as directory:
            table = results.Table("continuity-moves.csv", results.CONTINUITY_MOVES, Path(directory))
            table.add(1, "Succeeded", 200.0, 280.0, 270.0, 30.0)
            table.add(2, "RolledBack", 100.0, 999.0, 900.0, 70.0)
            self.assertIn("| pause less freeze | 80 | 80 | 80 |", report._pauses(Path(directory)))
            self.assertIn("| pause of a bystander | 30 | 30 | 30 |", report._pauses(Path(directory)))
            table.file.close()

    def test_a_path_that_was_not_measured_leaves_its_columns_empty(self):
        self.assertIn("| 2 × 16 MiB | 100 |", report._freezes(rows("carovana", [100.0])))

    def test_a_cell_that_was_left_out_is_told_with_its_reason(self):
        with tempfile.TemporaryDirectory() as directory:
            table = results.Table("left-out.csv", results.LEFT_OUT, Path(directory))
            table.add(10, 256, "needs 10560 MiB of memory, 200 MiB are free")
            self.assertIn("- 10 × 256 MiB: needs 10560 MiB of memory, 200", report._left_out(Path(directory)))
            table.file.close()

    def test_events_are_a_table_of_what_was_measured(self):
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "events.csv").write_text("instances,p99_ms\n10000,81.5\n")
            self.assertIn("| 10000 | 81.5 |", report._plain("events.csv", Path(directory)))


class CarovanaTest(unittest.TestCase):
    def test_the_freeze_is_split_where_the_last_container_was_dumped(self):
        at = "2026-01-02T03:04:05.{}00Z".format
        move = carovana.measured({
            "freezeMillis": 180.0, "totalMillis": 900.0, "bytesSent": 7,
            "containers": [{"frozenAt": at("1000"), "dumpedAt": at("1600"), "restoredAt": at("2700")},
                           {"frozenAt": at("1010"), "dumpedAt": at("1700"), "restoredAt": at("2800")}],
        }, 190.0)
        self.assertEqual([round(part) for part in (move.dump_ms, move.restore_ms)], [70, 110])
        self.assertIsNone(move.transfer_ms)


class FloorTest(unittest.TestCase):
    def test_criu_statistics_are_read(self):
        dump = bytes([0x08, 0x05, 0x10, 0xE8, 0x07])  # field 1 = 5, field 2 = 1000
        entry = bytes([0x0A, len(dump)]) + dump
        with tempfile.TemporaryDirectory() as directory:
            container = object.__new__(floor.Container)
            container.bundle = Path(directory)
            (container.bundle / "work").mkdir()
            (container.bundle / "work/stats-dump").write_bytes(struct.pack("<III", 1, 2, len(entry)) + entry)
            self.assertEqual(container.statistics("dump", 1, 2), 1.0)


if __name__ == "__main__":
    unittest.main()
