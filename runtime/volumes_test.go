// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLinksLeadWithinTheRoot(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"run/secrets", "usr/lib/app", "var"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"var/run": "/run", "lib": "usr/lib", "usr/lib/up": "../..", "round": "round", "out": "../../../../run"} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"/var/run/secrets/token": "/run/secrets/token", "/lib/app": "/usr/lib/app", "/lib/up/var/run/x": "/run/x",
		"/round/x": "/round/x", "/out/secrets": "/run/secrets", "/missing/x": "/missing/x", "/": "/",
	} {
		if got := resolveIn(root, path); got != want {
			t.Errorf("%s leads to %s, want %s", path, got, want)
		}
	}
}

func TestFilesThatKubeletHasWrittenAreTold(t *testing.T) {
	for path, want := range map[string]string{
		"/config/..2026_11_29_10_00_02.000000002/sub/greeting": "/config/..data/sub/greeting",
		"/config/..2026_11_29_10_00_02.123":                    "/config/..data",
		"/config/..2026_11_29/greeting":                        "",
		"/config/greeting":                                     "",
		"/configured/..2026_11_29_10_00_02.123/greeting":       "",
	} {
		file := message{{id: regularName, kind: fieldBytes, bytes: []byte(path)}, {id: regularSize, kind: fieldVarint, value: 7}}
		mended, ok := file.inNewPod([]string{"/other", "/config"})
		if ok != (want != "") || ok && (string(mended.inner(regularName)) != want || len(mended) != 1) {
			t.Errorf("%s: %v %v", path, ok, mended)
		}
	}
}

func TestFilesOfClaimsMayGrowMeanwhile(t *testing.T) {
	root := t.TempDir()
	b := &bundle{}
	b.spec.Root.Path = root
	volumes := "/var/lib/kubelet/pods/uid/volumes/kubernetes.io~"
	for destination, source := range map[string]string{
		"/shared": volumes + "nfs/pv", "/disk": volumes + "csi/pv/mount", "/scratch": volumes + "empty-dir/scratch",
		"/config": volumes + "configmap/config", "/etc/hosts": "/var/lib/kubelet/pods/uid/etc-hosts",
	} {
		b.spec.Mounts = append(b.spec.Mounts, mount{Type: "bind", Destination: destination, Source: source})
	}
	for path, want := range map[string]bool{
		"/shared/log": true, "/disk/a/b": true, "/scratch/log": false, "/config/greeting": false, "/shared-not/log": false,
	} {
		file := message{{id: regularName, kind: fieldBytes, bytes: []byte(path)}, {id: regularSize, kind: fieldVarint, value: 7}}
		mended, ok := file.ofAnySize(b.claims())
		if ok != want || ok && (string(mended.inner(regularName)) != path || len(mended) != 1) {
			t.Errorf("%s: %v %v", path, ok, mended)
		}
	}
}
