# SPDX-License-Identifier: Apache-2.0
"""Run by: python3 -m unittest discover lab/tests"""
import json
import os
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from oci import archive, copy, dockerfile
from oci.layer import LayerWriter


class InDirectory(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)

    def write(self, name, text=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


class DockerfileTest(unittest.TestCase):
    def test_joins_continued_lines_and_skips_comments_between_them(self):
        step, = dockerfile.parse("# first\nRUN a \\\n  # inside\n && b\n")
        self.assertEqual(("RUN", "a && b", 2), (step.name, step.text, step.line))

    def test_a_command_without_brackets_is_run_by_a_shell(self):
        shell, plain = dockerfile.parse('CMD echo $HOME\nCMD ["echo", "x"]')
        self.assertEqual(["/bin/sh", "-c", "echo $HOME"], shell.command())
        self.assertEqual(["echo", "x"], plain.command())

    def test_reads_flags(self):
        step, = dockerfile.parse("COPY --from=build --chown=1:2 a /b/")
        self.assertEqual({"from": "build", "chown": "1:2"}, step.flags)
        self.assertEqual(["a", "/b/"], step.words())

    def test_expands_variables(self):
        text = dockerfile.expand(r"$A ${A} ${B:-b} ${A:+yes}${B:+no} \$A", {"A": "1"})
        self.assertEqual("1 1 b yes $A", text)

    def test_reads_both_forms_of_env(self):
        new, old = dockerfile.parse('ENV A="x y" B=$C\nENV D some words')
        self.assertEqual({"A": "x y", "B": "c"}, dockerfile.assignments(new, {"C": "c"}))
        self.assertEqual({"D": "some words"}, dockerfile.assignments(old, {}))

    def test_names_the_line_that_it_does_not_understand(self):
        with self.assertRaisesRegex(dockerfile.DockerfileError, "line 2: HEALTHCHECK"):
            dockerfile.parse("FROM scratch\nHEALTHCHECK NONE")


class CopyTest(InDirectory):
    def test_links_of_the_image_cannot_lead_out_of_it(self):
        (self.root / "escape").symlink_to("../../../../etc")
        (self.root / "bin").symlink_to("usr/bin")
        self.assertEqual(self.root / "etc/passwd", copy.resolve(self.root, "/escape/passwd"))
        self.assertEqual(self.root / "usr/bin/x", copy.resolve(self.root, "/bin/x"))
        self.assertEqual(self.root / "x", copy.resolve(self.root, "../../x"))

    def test_a_digest_follows_content_and_mode_but_not_time(self):
        path = self.write("a/file", "one")
        first = copy.digest([self.root / "a"])
        os.utime(path, (1, 1))
        self.assertEqual(first, copy.digest([self.root / "a"]))
        path.chmod(0o700)
        self.assertNotEqual(first, copy.digest([self.root / "a"]))

    def test_directories_are_copied_by_content_and_files_by_name(self):
        self.write("src/dir/inner", "1")
        self.write("src/file", "2")
        owner = (os.getuid(), os.getgid())
        target = self.root / "image"
        target.mkdir()
        copy.copy(target, copy.sources(self.root / "src", ["dir"]), "/app", "", owner, None, 0)
        copy.copy(target, copy.sources(self.root / "src", ["file"]), "app/", "/", owner, 0o755, 0)
        self.assertEqual(["file", "inner"], sorted(os.listdir(target / "app")))
        self.assertEqual(0o755, (target / "app/file").stat().st_mode & 0o777)

    def test_a_missing_source_is_an_error(self):
        with self.assertRaisesRegex(copy.CopyError, "nothing"):
            copy.sources(self.root, ["nothing*"])


class LayerTest(InDirectory):
    def layer(self, name):
        writer = LayerWriter(self.root / name, epoch=1000)
        writer.add_tree(self.root / "tree")
        return writer.close()

    def test_the_same_content_is_the_same_layer(self):
        path = self.write("tree/a", "x")
        os.link(path, self.root / "tree/b")
        first = self.layer("one")
        os.utime(path)
        self.assertEqual(first.digest, self.layer("two").digest)

    def test_later_times_become_the_epoch_and_earlier_ones_stay(self):
        os.utime(self.write("tree/old"), (5, 5))
        self.write("tree/new")
        with tarfile.open(self.layer("one").path) as tar:
            self.assertEqual({"old": 5, "new": 1000}, {entry.name: entry.mtime for entry in tar})

    def test_an_archive_is_read_as_it_was_written(self):
        self.write("tree/a", "x")
        layer = self.layer("one")
        path = self.root / "image.tar"
        digest = archive.write(path, [layer], {"Cmd": ["/a"]}, "name:1")
        image = archive.Archive(path)
        self.addCleanup(image.tar.close)
        self.assertEqual((digest, "name:1"), (image.digest, image.name))
        config, content = image.blobs()
        self.assertEqual(["/a"], json.load(image.open(config["digest"]))["config"]["Cmd"])
        self.assertEqual(layer.size, len(image.open(content["digest"]).read()))


if __name__ == "__main__":
    unittest.main()
