// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

const (
	criContainerType = "io.kubernetes.cri.container-type"
	criContainerName = "io.kubernetes.cri.container-name"
	criSandboxID     = "io.kubernetes.cri.sandbox-id"
	criSandboxUID    = "io.kubernetes.cri.sandbox-uid"
	criSandboxName   = "io.kubernetes.cri.sandbox-name"
	criSandboxNS     = "io.kubernetes.cri.sandbox-namespace"

	migrationAnnotation = "carovana.dev/migration"
	fencedByAnnotation  = "carovana.dev/fenced-by"
	criuAnnotation      = "org.criu.config"

	mptcpSysctl = "net.mptcp.enabled"
)

// bundle is an OCI bundle's config.json: the few fields that matter here, and the whole for rewriting.
type bundle struct {
	dir  string
	spec spec
	raw  *object
}

type spec struct {
	OCIVersion  string            `json:"ociVersion"`
	Annotations map[string]string `json:"annotations"`
	Process     struct {
		Terminal        bool   `json:"terminal"`
		OOMScoreAdj     *int   `json:"oomScoreAdj"`
		AppArmorProfile string `json:"apparmorProfile"`
	} `json:"process"`
	Root struct {
		Path string `json:"path"`
	} `json:"root"`
	Mounts []mount `json:"mounts"`
	Linux  struct {
		CgroupsPath string   `json:"cgroupsPath"`
		MaskedPaths []string `json:"maskedPaths"`
		MountLabel  string   `json:"mountLabel"`
		Namespaces  []struct {
			Type string `json:"type"`
			Path string `json:"path"`
		} `json:"namespaces"`
	} `json:"linux"`
}

func readBundle(dir string) (*bundle, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		return nil, err
	}
	b := &bundle{dir: dir}
	if err := json.Unmarshal(data, &b.spec); err != nil {
		return nil, fmt.Errorf("%s/config.json: %w", dir, err)
	}
	if b.raw, err = parseObject(data); err != nil {
		return nil, fmt.Errorf("%s/config.json: %w", dir, err)
	}
	return b, nil
}

func (b *bundle) write() error {
	return writeFile(filepath.Join(b.dir, "config.json"), b.raw.bytes(), 0o600)
}

func (b *bundle) setAnnotation(key, value string) error {
	annotations, err := b.raw.child("annotations")
	if err != nil {
		return err
	}
	annotations.setString(key, value)
	b.raw.set("annotations", annotations.bytes())
	return nil
}

func (b *bundle) setCgroupsPath(path string) error {
	linux, err := b.raw.child("linux")
	if err != nil {
		return err
	}
	linux.setString("cgroupsPath", path)
	b.raw.set("linux", linux.bytes())
	return nil
}

// bindCgroups spells out a mount of type cgroup (version 1) as what it stands for. When runc restores, it
// would bind its own cgroups instead of the container's, and a program that reads its limits there finds
// those of the holder.
func (b *bundle) bindCgroups(hierarchies []string, path string) error {
	var mounts []json.RawMessage
	if err := json.Unmarshal(b.raw.values["mounts"], &mounts); err != nil {
		return fmt.Errorf("mounts: %w", err)
	}
	var spelled []json.RawMessage
	for _, m := range mounts {
		var mount mount
		if err := json.Unmarshal(m, &mount); err != nil {
			return fmt.Errorf("mounts: %w", err)
		}
		if mount.Type != "cgroup" {
			spelled = append(spelled, m)
			continue
		}
		folder := mount.Destination
		spelled = append(spelled, mount.with("tmpfs", "tmpfs", folder, "mode=755"))
		for _, hierarchy := range hierarchies {
			if fsType(hierarchy) == cgroup1Type {
				source := filepath.Join(hierarchy, path)
				spelled = append(spelled, mount.with("bind", source, filepath.Join(folder, filepath.Base(hierarchy)), "bind"))
			}
		}
	}
	data, err := json.Marshal(spelled)
	if err != nil {
		return err
	}
	b.raw.set("mounts", data)
	return nil
}

type mount struct {
	Destination string   `json:"destination"`
	Type        string   `json:"type"`
	Source      string   `json:"source"`
	Options     []string `json:"options"`
}

func (m mount) with(kind, source, destination, option string) json.RawMessage {
	m.Type, m.Source, m.Destination = kind, source, destination
	m.Options = append(slices.Clone(m.Options), option)
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // four strings can always be encoded
	}
	return data
}

// disableMPTCP keeps multipath TCP out of the pod's network namespace, since CRIU cannot dump such a
// socket and some languages listen on one by default. It says whether anything was changed.
func (b *bundle) disableMPTCP() (bool, error) {
	if !b.hasNamespace("network") { // runc refuses to set a sysctl in the node's own network namespace
		return false, nil
	}
	linux, err := b.raw.child("linux")
	if err != nil {
		return false, err
	}
	sysctl, err := linux.child("sysctl")
	if err != nil {
		return false, err
	}
	if _, chosen := sysctl.values[mptcpSysctl]; chosen {
		return false, nil
	}
	sysctl.setString(mptcpSysctl, "0")
	linux.set("sysctl", sysctl.bytes())
	b.raw.set("linux", linux.bytes())
	return true, nil
}

func (b *bundle) hasNamespace(kind string) bool {
	for _, ns := range b.spec.Linux.Namespaces {
		if ns.Type == kind {
			return true
		}
	}
	return false
}

func (b *bundle) namespacePath(kind string) string {
	for _, ns := range b.spec.Linux.Namespaces {
		if ns.Type == kind {
			return ns.Path
		}
	}
	return ""
}

func (b *bundle) rootfs() string {
	if filepath.IsAbs(b.spec.Root.Path) {
		return b.spec.Root.Path
	}
	return filepath.Join(b.dir, b.spec.Root.Path)
}
