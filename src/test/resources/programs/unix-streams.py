# SPDX-License-Identifier: Apache-2.0
# ---
# what: A unix stream connection between two containers, kept open
# expect: moves
# pod:
#   volumes: [{name: run, emptyDir: {}}]
#   containers:
#     - {name: main, volumeMounts: [{name: run, mountPath: /run/app}]}
#     - {name: server, volumeMounts: [{name: run, mountPath: /run/app}], env: [{name: PORT, value: "8081"}]}
# ---
import os
import socket
import threading

from serve import serve

PATH = "/run/app/app.sock"
connection = socket.socket(socket.AF_UNIX)
asked = 0


def answer():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(PATH)
    listener.listen()
    reader, _ = listener.accept()
    while said := reader.recv(100):
        reader.sendall(said)


def check():
    global asked
    if not asked:
        connection.settimeout(3)
        connection.connect(PATH)
    asked += 1
    connection.sendall(b"%d" % asked)
    said = connection.recv(100)
    return said == b"%d" % asked or f"{said}, expected {asked}"


if os.environ.get("PORT") == "8081":
    threading.Thread(target=answer, daemon=True).start()
serve(check)
