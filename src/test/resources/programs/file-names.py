# SPDX-License-Identifier: Apache-2.0
# ---
# what: "Any names of files, not only UTF-8: new ones, open ones, deleted ones of the image"
# expect: moves
# from: katalon-studio/docker-images#93, microsoft/vscode-java-dependency#1041
# ---
import os

from serve import serve

FOLDER = b"/names/"  # of the image
NEW = ["über 日".encode(), "naïve".encode(), b"new-\xff", b"line\nend", "😀".encode(), "é".encode() * 127]
for name in ("résumé".encode(), b"latin-\xe9"):
    os.unlink(FOLDER + name)
for name in NEW:
    with open(FOLDER + name, "wb") as file:
        file.write(name)
kept = open(FOLDER + NEW[0], "rb")


def read(name):
    with open(FOLDER + name, "rb") as file:
        return file.read()


def check():
    kept.seek(0)
    said = sorted(os.listdir(FOLDER)), [read(name) for name in NEW], kept.read()
    return said == (sorted([b"keep", *NEW]), NEW, NEW[0]) or repr(said)


serve(check)
