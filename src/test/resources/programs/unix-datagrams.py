# SPDX-License-Identifier: Apache-2.0
# ---
# what: A unix datagram socket that is connected to another container's, as to `/dev/log`
# expect: moves
# from: checkpoint-restore/criu#772, checkpoint-restore/criu#2425, checkpoint-restore/criu#301, checkpoint-restore/criu#195
# pod:
#   volumes: [{name: log, emptyDir: {}}]
#   containers:
#     - {name: main, volumeMounts: [{name: log, mountPath: /log}]}
#     - {name: syslog, volumeMounts: [{name: log, mountPath: /log}], env: [{name: PORT, value: "8081"}]}
# ---
import os
import socket
import urllib.request

from serve import serve

PATH = "/log/dev-log"
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sent = 0


def take():
    return log.recv(100) == b"a line"


def check():
    global sent
    if not sent:
        log.connect(PATH)
    sent += 1
    log.send(b"a line")
    with urllib.request.urlopen("http://127.0.0.1:8081/take", timeout=5) as answer:
        said = answer.read()
    return b'"ok": true' in said or said.decode()


if os.environ.get("PORT") == "8081":
    log.bind(PATH)
    log.settimeout(2)
serve(check, take=take)
