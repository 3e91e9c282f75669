// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

// The configurations of a pod sandbox and of a container, as containerd's CRI plugin writes them.

type object = map[string]any
type list = []any

func sandboxConfig(p *pod) object {
	c := baseConfig(p, "pause", list{"/workload", "pause"}, p.cgroupsPath(p.sandboxID))
	c["annotations"] = object{
		"io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.sandbox-id": p.sandboxID,
		"io.kubernetes.cri.sandbox-uid": p.uid, "io.kubernetes.cri.sandbox-name": p.name,
		"io.kubernetes.cri.sandbox-namespace": "functions",
	}
	c["linux"].(object)["namespaces"] = list{
		object{"type": "pid"}, object{"type": "ipc"}, object{"type": "uts"}, object{"type": "mount"},
		object{"type": "network", "path": p.netns},
	}
	return c
}

func containerConfig(p *pod, name, id string, args list) object {
	c := baseConfig(p, name, args, p.cgroupsPath(id))
	annotations := object{
		"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.container-name": name,
		"io.kubernetes.cri.sandbox-id": p.sandboxID, "io.kubernetes.cri.sandbox-uid": p.uid,
		"io.kubernetes.cri.sandbox-name": p.name, "io.kubernetes.cri.sandbox-namespace": "functions",
		"carovana.dev/instance": "alice", "carovana.dev/epoch": "2",
	}
	if p.migration != "" {
		annotations["carovana.dev/migration"] = p.migration
	}
	c["annotations"] = annotations
	ns := "/proc/" + itoa(p.pausePID) + "/ns/"
	namespaces := list{
		object{"type": "pid"}, object{"type": "mount"},
		object{"type": "ipc", "path": ns + "ipc"}, object{"type": "uts", "path": ns + "uts"},
		object{"type": "network", "path": p.netns},
	}
	if unified {
		namespaces = append(namespaces, object{"type": "cgroup"})
	}
	c["linux"].(object)["namespaces"] = namespaces
	return c
}

func baseConfig(p *pod, name string, args list, cgroup string) object {
	caps := list{"CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"}
	config := object{
		"ociVersion": "1.2.0",
		"process": object{
			"user": object{"uid": user, "gid": user}, "args": args, "cwd": "/", "env": list{"PATH=/"},
			"capabilities": object{"bounding": caps, "effective": caps, "permitted": caps},
			"oomScoreAdj":  1000, "noNewPrivileges": true,
		},
		"root": object{"path": "rootfs"},
		"mounts": list{
			object{"destination": "/proc", "type": "proc", "source": "proc", "options": list{"nosuid", "noexec", "nodev"}},
			object{"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": list{"nosuid", "strictatime", "mode=755", "size=65536k"}},
			object{"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": list{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
			object{"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": list{"nosuid", "noexec", "nodev"}},
			object{"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": list{"nosuid", "noexec", "nodev", "ro"}},
			object{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": list{"nosuid", "noexec", "nodev", "relatime", "ro"}},
			object{"destination": "/data", "type": "bind", "source": p.data(name), "options": list{"rbind", "rprivate", "rw"}},
			object{"destination": "/config", "type": "bind", "source": p.config(), "options": list{"rbind", "rprivate", "ro"}},
		},
		"linux": object{
			"cgroupsPath":   cgroup,
			"resources":     resources(),
			"maskedPaths":   list{"/proc/kcore", "/proc/keys", "/sys/firmware"},
			"readonlyPaths": list{"/proc/bus", "/proc/sys"},
		},
	}
	if apparmor {
		config["process"].(object)["apparmorProfile"] = profile
	}
	return config
}

func resources() object {
	r := object{"devices": list{object{"allow": false, "access": "rwm"}}}
	if limits {
		r["memory"] = object{"limit": 256 << 20}
		r["cpu"] = object{"shares": 512}
	}
	return r
}
