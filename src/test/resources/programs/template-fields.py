# SPDX-License-Identifier: Apache-2.0
# ---
# what: "Fields of the template: `hostAliases`, `dnsConfig`, `fsGroup`, `supplementalGroups`, `sysctls`, `emptyDir` in memory, `lifecycle`, `readOnlyRootFilesystem`, `resourceFieldRef`"
# expect: moves
# from: ctrox/zeropod#96
# pod:
#   hostAliases: [{ip: 192.0.2.9, hostnames: [legacy.example.org]}]
#   dnsPolicy: None
#   dnsConfig: {nameservers: [10.96.0.10], searches: [example.org]}
#   securityContext: {fsGroup: 2000, supplementalGroups: [3000], sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "80"}]}
#   volumes: [{name: mem, emptyDir: {medium: Memory, sizeLimit: 8Mi}}]
#   containers:
#     - name: main
#       lifecycle: {postStart: {exec: {command: [sh, -c, "echo started >> /mem/hooks"]}}}
#       env: [{name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]
#       securityContext: {readOnlyRootFilesystem: true}
#       volumeMounts: [{name: mem, mountPath: /mem}, {name: mem, mountPath: /sub, subPath: sub}]
# ---
import os

from serve import serve


def read(path):
    with open(path) as file:
        return file.read()


def check():
    facts = {
        "alias": "legacy.example.org" in read("/etc/hosts"), "dns": "search example.org" in read("/etc/resolv.conf"),
        "groups": {2000, 3000} <= set(os.getgroups()), "fsGroup": os.stat("/mem").st_gid == 2000,
        "sysctl": read("/proc/sys/net/ipv4/ip_unprivileged_port_start") == "80\n", "hooks": read("/mem/hooks") == "started\n",
        "memory": " /mem tmpfs rw" in read("/proc/mounts") and os.statvfs("/mem").f_blocks * os.statvfs("/mem").f_frsize == 8 << 20,
        "subPath": os.path.ismount("/sub"), "root": bool(os.statvfs("/").f_flag & os.ST_RDONLY), "cpu": os.environ["CPU"] == "1",
    }
    return all(facts.values()) or facts


serve(check)
