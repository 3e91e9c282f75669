// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

const ownHandler = `
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.carovana]
  runtime_type = "io.containerd.runc.v2"
  pod_annotations = ["carovana.dev/*", "example.org/*"]
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.carovana.options]
    BinaryName = "/opt/carovana/bin/carovana-runc"
    SystemdCgroup = true
`

func TestLeavesAnAdministratorsHandlerAsItIs(t *testing.T) {
	n := raise(t, kubeadm("kubeadm", commented+ownHandler))
	succeed(t, n, n.install)
	if content, _ := n.read(mainConfig); string(content) != commented+ownHandler || n.restarts() != 0 || n.exists("/etc/containerd/conf.d") {
		t.Errorf("containerd was touched: %v", n.said)
	}
	succeed(t, n, n.uninstall)
	if content, _ := n.read(mainConfig); string(content) != commented+ownHandler {
		t.Errorf("uninstall has changed %s", content)
	}
}

func TestRefusals(t *testing.T) {
	with := func(old, new string) bed { return kubeadm("", strings.Replace(commented+ownHandler, old, new, 1)) }
	system := func(id string) bed {
		b := kubeadm("", commented)
		b.os = id
		return b
	}
	tests := []struct {
		name     string
		bed      bed
		versions map[string]string
		expected string
	}{
		{"driver of an own handler", with("carovana-runc\"\n    SystemdCgroup = true", "carovana-runc\"\n    SystemdCgroup = false"), nil,
			"SystemdCgroup is false, expected true as in the default handler"},
		{"program of an own handler", with("/opt/carovana/bin/", "/usr/bin/"), nil, `BinaryName is "/usr/bin/carovana-runc", expected "/opt/carovana/bin/carovana-runc"`},
		{"annotations of an own handler", with(`"carovana.dev/*", `, ""), nil, `pod_annotations is [example.org/*], expected "carovana.dev/*"`},
		{"no version", kubeadm("", strings.Replace(commented, "version = 3\n", "", 1)), nil, "config.toml: version is <nil>, expected 2 or 3"},
		{"Bottlerocket", system("bottlerocket"), nil, "cannot be prepared"},
		{"Talos", system("talos"), nil, "cannot be prepared"},
		{"old containerd", kubeadm("", commented), map[string]string{"containerd": "containerd v1.7.27"}, "containerd 1.7.27 at /usr/bin/containerd: expected 2.0 or later"},
		{"old runc", kubeadm("", commented), map[string]string{"runc": "runc version 1.1.12"}, "runc 1.1.12 at /usr/sbin/runc: expected 1.2 or later"},
		{"old CRIU", kubeadm("", commented), map[string]string{"criu": "Version: 3.17.1"}, "CRIU 3.17.1 at /usr/sbin/criu: expected 4.2 or later; it is in Debian"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := raise(t, test.bed)
			maps.Copy(n.versions, test.versions)
			before := n.snapshot()
			if err := n.install(); err == nil || !strings.Contains(err.Error(), test.expected) {
				t.Errorf("said %v, expected %q", err, test.expected)
			}
			expectSame(t, before, n.snapshot())
		})
	}
}

func TestDoesNotReplaceALinkToTheConfiguration(t *testing.T) {
	b := kubeadm("", "")
	b.files["/nix/config.toml"] = commented
	b.links = map[string]string{mainConfig: "../../nix/config.toml"}
	n := raise(t, b)
	if err := n.install(); err == nil || !strings.Contains(err.Error(), mainConfig+" is a link") {
		t.Errorf("said %v", err)
	}
}

func TestTellsAllFaultsAtOnce(t *testing.T) {
	n := raise(t, kubeadm("", commented))
	n.versions["runc"], n.versions["criu"] = "runc version 1.1.0", ""
	err := n.install()
	for _, fault := range []string{"runc 1.1.0", "CRIU"} {
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("said %v, expected %s in it", err, fault)
		}
	}
}

func TestDoesNotOverwriteAFileOfAnAdministrator(t *testing.T) {
	b := kubeadm("", commented)
	b.files["/etc/containerd/conf.d/carovana.toml"] = "version = 3\n"
	n := raise(t, b)
	if err := n.install(); err == nil || !strings.Contains(err.Error(), "/etc/containerd/conf.d/carovana.toml is not the installer's") {
		t.Errorf("said %v", err)
	}
}

func TestBundledCRIU(t *testing.T) {
	n := raise(t, kubeadm("", commented))
	before := n.snapshot()
	n.versions["criu"] = "Version: 4.1.1"
	n.image = fstest.MapFS{"bin/carovana-runc": {Data: []byte("#!")}, "criu/criu": {Data: smallProgram("/a/long/enough/path/for/every/folder/to/be/put/in/its/place")},
		"criu/libc.so.6": {Data: []byte("library")}}
	succeed(t, n, n.install)
	program, err := n.read("/opt/carovana/bin/criu")
	if err != nil || !strings.Contains(string(program), "\x00/opt/carovana/criu/ld.so\x00") {
		t.Errorf("CRIU is %q (%v)", program, err)
	}
	if library, err := n.read("/opt/carovana/criu/libc.so.6"); err != nil || string(library) != "library" {
		t.Errorf("its library is %q (%v)", library, err)
	}
	n.versions["criu"] = "Version: 4.2.1"
	succeed(t, n, n.install)
	if n.exists("/opt/carovana/bin/criu") {
		t.Error("an administrator's newer CRIU does not come first")
	}
	succeed(t, n, n.uninstall)
	expectSame(t, before, n.snapshot())
}
