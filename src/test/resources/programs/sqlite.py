# SPDX-License-Identifier: Apache-2.0
# ---
# what: An SQLite database (WAL) that two containers share, with a transaction under way
# expect: moves
# from: checkpoint-restore/criu#154, cri-o/cri-o#6463, containers/crun#783
# before: other, begin
# after: commit, other
# pod:
#   volumes: [{name: data, emptyDir: {}}]
#   containers:
#     - {name: main, volumeMounts: [{name: data, mountPath: /data}]}
#     - {name: other, volumeMounts: [{name: data, mountPath: /data}], env: [{name: PORT, value: "8081"}]}
# ---
import sqlite3
import urllib.request

from serve import serve

database = sqlite3.connect("/data/db.sqlite", check_same_thread=False, isolation_level=None, timeout=5)
database.execute("PRAGMA journal_mode=WAL")
database.execute("CREATE TABLE IF NOT EXISTS entries (n INTEGER)")
added = asked = 0


def add():
    database.execute("INSERT INTO entries VALUES (1)")
    return True


def other():
    global asked
    asked += 1
    with urllib.request.urlopen("http://127.0.0.1:8081/add", timeout=10) as answer:
        said = answer.read()
    return b'"ok": true' in said or said.decode()


def begin():
    global added
    database.execute("BEGIN IMMEDIATE")
    added += 1
    return add()


def commit():
    database.execute("COMMIT")
    return True


def check():
    rows = database.execute("SELECT count(*) FROM entries").fetchone()[0]
    good = database.execute("PRAGMA integrity_check").fetchone()[0]
    return (good, rows) == ("ok", added + asked) or f"{good}, {rows} rows, expected {added + asked}"


serve(check, add=add, other=other, begin=begin, commit=commit)
