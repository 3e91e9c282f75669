// SPDX-License-Identifier: Apache-2.0

//go:build it

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lab is the lab's root file system, which has a containerd.
func lab() string {
	if root := os.Getenv("CAROVANA_IT_ROOTFS"); root != "" {
		return root
	}
	home := os.Getenv("CAROVANA_HOME")
	if home == "" {
		home = must2(os.UserHomeDir()) + "/.cache/carovana"
	}
	return home + "/lab/build/rootfs"
}

// withLibraries are a program of the lab and what it is linked with.
func withLibraries(t *testing.T, program string) []string {
	t.Helper()
	files := []string{program}
	for _, word := range strings.Fields(string(must2(exec.Command("chroot", lab(), "ldd", program).Output()))) {
		if filepath.IsAbs(word) {
			files = append(files, word)
		}
	}
	return files
}

// TestContainerdAccepts has the real containerd say what each layout's configuration comes to.
func TestContainerdAccepts(t *testing.T) {
	store := t.TempDir()
	files := withLibraries(t, "/usr/bin/containerd")
	for _, path := range files {
		must(os.MkdirAll(filepath.Dir(store+path), 0o755))
		must(os.WriteFile(store+path, must2(os.ReadFile(lab()+path)), 0o755))
	}
	for _, b := range beds() {
		t.Run(b.name, func(t *testing.T) {
			n := raise(t, b)
			for _, path := range files {
				target := n.at(filepath.Join(filepath.Dir(path), "real-"+filepath.Base(path)))
				if path != files[0] {
					target = n.at(path)
				}
				must(os.MkdirAll(filepath.Dir(target), 0o755))
				must(os.Link(store+path, target))
			}
			n.dump = func(config string) (string, error) {
				output, err := exec.Command("chroot", string(n.tree), "/usr/bin/real-containerd", "--config", config, "config", "dump").Output()
				return string(output), err
			}
			before := must2(parse("dump", []byte(must2(n.dump(config(b))))))
			succeed(t, n, n.install)
			after := must2(parse("dump", []byte(must2(n.dump(config(b))))))

			found, standard := handler(after, handlerName), defaultHandler(after)
			if binaryName(found) != b.folder+"/bin/carovana-runc" || systemdCgroup(found) != systemdCgroup(standard) || systemdCgroup(found) != (b.name != "Debian without a configuration") {
				t.Errorf("handler is %v, the default one %v", found, standard)
			}
			for _, key := range []string{"base_runtime_spec", "privileged_without_host_devices"} {
				if fmt.Sprint(found[key]) != fmt.Sprint(standard[key]) {
					t.Errorf("%s is %v, expected %v", key, found[key], standard[key])
				}
			}
			if key := difference("", others(before), others(after)); key != "" {
				t.Errorf("%s has changed", key)
			}
		})
	}
}

func config(b bed) string {
	for _, arg := range b.args {
		if path := strings.TrimPrefix(arg, "--config="); strings.HasSuffix(path, ".toml") {
			return path
		}
	}
	return mainConfig
}
