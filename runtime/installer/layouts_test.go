// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"
)

// bed is a node like one of a distribution: only what the installer looks at.
type bed struct {
	name    string
	os      string // ID of os-release
	files   map[string]string
	links   map[string]string
	program string   // the running containerd
	args    []string // its arguments
	cgroup  string
	// base is what the distribution renders: k3s through a template, k0s merged with drop-ins
	base string
	// where the handler is to be found after the installation
	place string
	// lines that it must have there
	lines []string
	// folder of Carovana's programs
	folder string
	runc   string
}

func (b bed) isK0s() bool { return slices.Contains(b.args, "--config="+k0sConfig) }

const (
	service   = "0::/system.slice/containerd.service\n"
	v3Handler = `[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.carovana]`
	v2Handler = `[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.carovana]`
	systemd   = "SystemdCgroup = true"
)

const commented = `# written by the people who run this cluster
version = 3
# where pods live
root = "/var/lib/containerd"

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "registry.example/pause:3.10" # pinned
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
    SystemdCgroup = true
`

const older = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.example/pause:3.9"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  base_runtime_spec = "/etc/containerd/cri-base.json"
  privileged_without_host_devices = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
    SystemdCgroup = true
`

const amazon = `version = 3
[grpc]
address = "/run/containerd/containerd.sock"
[plugins.'io.containerd.cri.v1.runtime'.containerd]
default_runtime_name = "standard"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.standard]
runtime_type = "io.containerd.runc.v2"
base_runtime_spec = "/etc/containerd/base-runtime-spec.json"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.standard.options]
BinaryName = "/usr/sbin/runc"
SystemdCgroup = true
`

const (
	k3sFolder  = "/var/lib/rancher/k3s/agent/etc/containerd"
	rke2Folder = "/var/lib/rancher/rke2/agent/etc/containerd"
)

// ranchers is what k3s and RKE2 render, with or without an import of drop-ins.
func ranchers(importLine string) string {
	return "# generated, do not edit\nversion = 3\n" + importLine + "[plugins.'io.containerd.cri.v1.runtime']\n  enable_selinux = false\n" +
		"[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]\n  runtime_type = \"io.containerd.runc.v2\"\n" +
		"[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n"
}

func kubeadm(name, config string) bed {
	b := bed{name: name, os: "debian", program: "/usr/bin/containerd", cgroup: service, folder: "/opt/carovana", runc: "/usr/sbin/runc",
		files: map[string]string{}, place: "/etc/containerd/conf.d/carovana.toml", lines: []string{"version = 3", v3Handler, systemd}}
	if config != "" {
		b.files[mainConfig] = config
	}
	return b
}

func k3s(name, importLine, place string) bed {
	base := ranchers(importLine)
	return bed{name: name, os: "ubuntu", program: "/var/lib/rancher/k3s/data/abc123/bin/k3s", base: base, folder: "/opt/carovana",
		args: []string{"-c", k3sFolder + "/config.toml"}, cgroup: "0::/system.slice/k3s-agent.service\n",
		files: map[string]string{k3sFolder + "/config.toml": base, "/var/lib/rancher/k3s/data/abc123/bin/containerd": "#!",
			"/var/lib/rancher/k3s/data/abc123/bin/runc": "#!"},
		links: map[string]string{"/var/lib/rancher/k3s/data/current": "abc123"},
		runc:  "/var/lib/rancher/k3s/data/current/bin/runc", place: place, lines: []string{v3Handler, systemd}}
}

func beds() []bed {
	dropIns := "imports = [\"" + k3sFolder + "/config-v3.toml.d/*.toml\"]\n"

	imported := kubeadm("kubeadm with drop-ins of its own", strings.Replace(commented, "# where", "imports = [\"extra.d/*.toml\"]\n# where", 1))
	imported.place = "/etc/containerd/extra.d/carovana.toml"
	imported.files["/etc/containerd/extra.d/other.toml"] = "version = 3\n"

	oneFile := kubeadm("kubeadm that imports one file", strings.Replace(commented, "# where", "imports = [\n  \"/etc/extra.toml\", # ours\n]\n# where", 1))
	oneFile.files["/etc/extra.toml"] = "version = 3\n"

	builtIn := kubeadm("Debian without a configuration", "")
	builtIn.lines = []string{"version = 3", v3Handler, "SystemdCgroup = false"}

	kind := kubeadm("kind", older)
	kind.program, kind.runc = "/usr/local/bin/containerd", "/usr/local/sbin/runc"
	kind.lines = []string{"version = 2", v2Handler, systemd, `base_runtime_spec = '/etc/containerd/cri-base.json'`, "privileged_without_host_devices = true"}

	imported.files["/usr/bin/runc"] = "#!" // another one, which comes later in containerd's PATH

	eks := kubeadm("EKS on Amazon Linux 2023", amazon)
	eks.os, eks.runc = "amzn", "/usr/sbin/runc"
	eks.lines = append(eks.lines, `base_runtime_spec = '/etc/containerd/base-runtime-spec.json'`)

	gke := kubeadm("GKE", older)
	gke.os, gke.folder, gke.lines = "cos", "/var/lib/toolbox/carovana", kind.lines

	templated := k3s("k3s with a template of its administrator", "", k3sFolder+"/config-v3.toml.tmpl")
	templated.files[templated.place] = "{{ template \"base\" . }}\n\n# debugging\n[debug]\n  level = \"debug\""

	rke2Base := strings.ReplaceAll(ranchers(dropIns), "/k3s/", "/rke2/")
	rke2 := bed{name: "RKE2", os: "sles", program: "/var/lib/rancher/rke2/data/v1.35-xyz/bin/containerd", base: rke2Base, folder: "/opt/carovana",
		args: []string{"-c", rke2Folder + "/config.toml"}, cgroup: "0::/system.slice/rke2-server.service\n",
		files: map[string]string{rke2Folder + "/config.toml": rke2Base, "/var/lib/rancher/rke2/data/v1.35-xyz/bin/runc": "#!"},
		links: map[string]string{"/var/lib/rancher/rke2/bin": "data/v1.35-xyz/bin"},
		runc:  "/var/lib/rancher/rke2/bin/runc", place: rke2Folder + "/config-v3.toml.d/carovana.toml", lines: []string{"version = 3", v3Handler, systemd}}

	return []bed{kubeadm("kubeadm", commented), imported, oneFile, builtIn, kind, eks, gke,
		k3s("k3s with drop-ins", dropIns, k3sFolder+"/config-v3.toml.d/carovana.toml"),
		k3s("k3s with templates only", "", k3sFolder+"/config-v3.toml.tmpl"), templated, rke2,
		k0s("k0s", "# k0s_managed=true\n"), k0s("k0s whose file an administrator has taken over", "")}
}

func k0s(name, firstLine string) bed {
	b := bed{name: name, os: "debian", program: "/var/lib/k0s/bin/containerd", base: amazon, folder: "/opt/carovana", cgroup: "0::/system.slice/k0sworker.service\n",
		args: []string{"--root=/var/lib/k0s/containerd", "--config=" + k0sConfig},
		files: map[string]string{k0sConfig: firstLine + "version = 3\nimports = [\"" + k0sMerged + "\"]\n", k0sMerged: amazon,
			"/var/lib/k0s/bin/runc": "#!", "/usr/sbin/runc": "#!"},
		runc: "/usr/sbin/runc", place: "/etc/k0s/containerd.d/carovana.toml", lines: []string{"version = 3", v3Handler, systemd}}
	if firstLine == "" {
		b.files[k0sConfig], b.base = amazon, ""
		delete(b.files, k0sMerged)
	}
	return b
}
