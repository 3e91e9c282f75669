# SPDX-License-Identifier: Apache-2.0
# ---
# what: A socket that is in a multicast group
# expect: refused MulticastGroup
# note: nobody tells which socket is a member, so that it would not be one after a move
# from: checkpoint-restore/criu#920
# ---
import socket

from serve import serve

group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
group.bind(("", 5353))
group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("224.0.0.251") + socket.inet_aton("127.0.0.1"))


def check():
    with open("/proc/net/igmp") as file:
        return "FB0000E0" in file.read()


serve(check)
