# SPDX-License-Identifier: Apache-2.0
# ---
# what: Megabytes between two containers that have not been read, of a sender that has closed the connection
# expect: refused UnsentData
# note: no process has that end of the connection any more, so that no dump has what it still has to send
# from: checkpoint-restore/criu#2446, checkpoint-restore/criu#622
# before: open
# after: drain
# pod:
#   containers:
#     - {name: main, command: [python3, /programs/unread-data.py]}
#     - {name: sender, command: [python3, /programs/unread-data.py], env: [{name: PORT, value: "8081"}, {name: CLOSES, value: "1"}]}
# ---
