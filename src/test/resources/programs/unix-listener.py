# SPDX-License-Identifier: Apache-2.0
# ---
# what: A unix socket in a shared `emptyDir` on which one container listens, and another connects to it for each call
# expect: moves
# from: checkpoint-restore/criu#1914, checkpoint-restore/criu#195
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


def answer():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(PATH)
    os.chmod(PATH, 0o660)
    listener.listen(16)
    count = 0
    while True:
        connection, _ = listener.accept()
        count += 1
        connection.sendall(b"%d" % count)
        connection.close()


asked = 0


def check():
    global asked
    asked += 1
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(3)
        connection.connect(PATH)
        said = int(connection.recv(20)), os.stat(PATH).st_mode & 0o777
    return said == (asked, 0o660) or f"{said}, expected {asked} and 0660"


if os.environ.get("PORT") == "8081":
    threading.Thread(target=answer, daemon=True).start()
serve(check)
