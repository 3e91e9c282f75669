// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
)

const (
	mainConfig = "/etc/containerd/config.toml"
	k0sConfig  = "/etc/k0s/containerd.toml"
	// k0s merges its drop-ins into this file, which the one above imports.
	k0sMerged = "/run/k0s/containerd-cri.toml"
)

// layout is how a distribution wants its containerd configured.
type layout struct {
	name   string
	folder string // for Carovana's programs: on a file system from which programs may be started
	config string
	// generated: the distribution writes config anew at each start, from a template in templates or from dropIns
	generated bool
	templates string
	dropIns   string
	// watched: the distribution restarts containerd by itself when its drop-ins change
	watched bool
}

func (l layout) wrapper() string { return filepath.Join(l.folder, "bin", "carovana-runc") }

// impossible are operating systems whose containerd is not for others to configure.
var impossible = map[string]string{
	"bottlerocket": "its file systems are read-only and containerd's configuration comes from its API, which has no handlers: use nodes with another image, for example Amazon Linux 2023",
	"talos":        "its file systems are read-only: carovana-runc, CRIU and the handler would have to come with a system extension, of which there is none yet",
}

func recognize(t tree, c daemon) (layout, error) {
	id, name := operatingSystem(t)
	if reason, ok := impossible[id]; ok {
		return layout{}, fmt.Errorf("%s cannot be prepared: %s", name, reason)
	}
	l := layout{name: name, folder: "/opt/carovana", config: c.config}
	if l.config == "" {
		l.config = mainConfig
	}
	if id == "cos" {
		// GKE: all else is read-only or not executable, and this stays after a restart of the node
		l.folder = "/var/lib/toolbox/carovana"
	}
	if strings.HasSuffix(l.config, "/agent/etc/containerd/config.toml") {
		l.name, l.generated, l.templates = rancher(l.config)+" on "+name, true, filepath.Dir(l.config)
	}
	if l.config == k0sConfig {
		l.name, l.dropIns = "k0s on "+name, "/etc/k0s/containerd.d"
		l.generated, l.watched = managedByK0s(t), managedByK0s(t)
	}
	return l, nil
}

func rancher(config string) string {
	if strings.Contains(config, "/rke2/") {
		return "RKE2"
	}
	return "k3s"
}

// managedByK0s: an administrator who removes the first line takes the file over.
func managedByK0s(t tree) bool {
	content, _ := t.read(k0sConfig)
	return bytes.HasPrefix(content, []byte("# k0s_managed=true\n"))
}

func operatingSystem(t tree) (id, name string) {
	content, err := t.read("/etc/os-release")
	if err != nil {
		content, _ = t.read("/usr/lib/os-release")
	}
	id, name = "", "this node"
	for line := range strings.Lines(string(content)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.Trim(value, `"'`)
		switch key {
		case "ID":
			id = value
		case "PRETTY_NAME":
			name = value
		}
	}
	return id, name
}
