// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// testNode is a bed on which the installer works; what containerd, systemd and the distribution would do is played here.
type testNode struct {
	node
	bed      bed
	said     []string
	commands []string
	versions map[string]string
	starts   int // how often containerd was started
	// dump answers "containerd config dump"
	dump func(config string) (string, error)
}

func raise(t *testing.T, b bed) *testNode {
	t.Helper()
	n := &testNode{bed: b, versions: map[string]string{"containerd": "containerd v2.1.4", "runc": "runc version 1.3.1", "criu": "Version: 4.2"}}
	n.node = node{tree: tree(t.TempDir()), run: n.play, patience: time.Second,
		image: fstest.MapFS{"bin/carovana-runc": {Data: []byte("#!wrapper")}},
		say:   func(format string, args ...any) { n.said = append(n.said, fmt.Sprintf(format, args...)) }}
	n.dump = n.load
	n.write("/etc/os-release", "PRETTY_NAME=\"A node\"\nID="+b.os+"\n")
	for _, path := range []string{b.program, b.runc, "/usr/sbin/criu"} {
		if path != "" && !strings.HasPrefix(path, "/var/lib/rancher") {
			n.write(path, "#!")
		}
	}
	for path, content := range b.files {
		n.write(path, content)
	}
	if strings.HasPrefix(b.program, "/var/lib/rancher") {
		n.write(b.program, "#!")
	}
	for path, target := range b.links {
		n.link(path, target)
	}
	n.generate()
	n.start()
	return n
}

func (n *testNode) write(path, content string) {
	full := n.at(path)
	must(os.MkdirAll(filepath.Dir(full), 0o755))
	mode := fs.FileMode(0o644)
	if strings.HasPrefix(content, "#!") {
		mode = 0o755
	}
	must(os.WriteFile(full, []byte(content), mode))
}

func (n *testNode) link(path, target string) {
	must(os.MkdirAll(filepath.Dir(n.at(path)), 0o755))
	must(os.Symlink(target, n.at(path)))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// start gives the node's containerd a new process.
func (n *testNode) start() {
	must(os.RemoveAll(n.at("/proc")))
	n.starts++
	process := fmt.Sprintf("/proc/%d/", 100+n.starts)
	n.link("/proc/1/ns/pid", "pid:[1]")
	n.link(process+"ns/pid", "pid:[1]")
	n.link(process+"exe", n.bed.program)
	n.write(process+"comm", "containerd\n")
	n.write(process+"cmdline", strings.Join(append([]string{"containerd"}, n.bed.args...), "\x00")+"\x00")
	path := usualPath
	if strings.HasPrefix(n.bed.program, "/var/lib") { // those that bring their own programs prefer them
		path = filepath.Dir(n.bed.program) + ":" + usualPath
	}
	n.write(process+"environ", "A=b\x00PATH="+path+"\x00")
	n.write(process+"cgroup", n.bed.cgroup)
	n.write(process+"stat", fmt.Sprintf("%d (containerd) S 1 %s %d", 100+n.starts, strings.Repeat("0 ", 17), 5000+n.starts))
}

func (n *testNode) play(command ...string) (string, error) {
	n.commands = append(n.commands, strings.Join(command, " "))
	switch {
	case command[0] == "systemctl":
		n.generate()
		n.start()
		return "", nil
	case command[1] == "--version":
		return n.versions[filepath.Base(command[0])] + "\n", nil
	case slices.Equal(command[3:], []string{"config", "dump"}):
		if n.bed.isK0s() {
			n.generate() // it needs no restart
		}
		return n.dump(command[2])
	}
	return "", fmt.Errorf("unexpected command %v", command)
}

// generate plays the distribution that writes containerd's configuration.
func (n *testNode) generate() {
	if n.bed.base == "" {
		return
	}
	if n.bed.isK0s() {
		merged := n.bed.base
		for _, path := range must2(filepath.Glob(n.at("/etc/k0s/containerd.d/*.toml"))) {
			_, handler, _ := strings.Cut(string(must2(os.ReadFile(path))), "\n[")
			merged += "[" + handler
		}
		n.write(k0sMerged, merged)
		return
	}
	folder := filepath.Dir(n.bed.args[1])
	content := n.bed.base
	if template, err := n.read(folder + "/config-v3.toml.tmpl"); err == nil {
		content = strings.Replace(string(template), `{{ template "base" . }}`, n.bed.base, 1)
	}
	n.write(folder+"/config.toml", content)
}

func must2[T any](value T, err error) T {
	must(err)
	return value
}

// load plays containerd 2, which merges imported files into what it has.
func (n *testNode) load(config string) (string, error) {
	effective := table{"version": int64(3), "plugins": table{criPlugin(3): table{"containerd": table{"default_runtime_name": "runc",
		"runtimes": table{"runc": table{"runtime_type": runcV2, "sandboxer": "podsandbox", "snapshotter": "", "options": table{"SystemdCgroup": false, "BinaryName": ""}}}}}}}
	pending := []string{config}
	for len(pending) > 0 {
		content, err := n.read(pending[0])
		if err != nil && pending[0] != config {
			return "", err
		}
		parsed, err := parse(pending[0], content)
		if err != nil {
			return "", err
		}
		for _, pattern := range imports(parsed) {
			if !filepath.IsAbs(pattern) {
				pattern = filepath.Join(filepath.Dir(pending[0]), pattern)
			}
			for _, path := range must2(filepath.Glob(n.at(pattern))) {
				pending = append(pending, strings.TrimPrefix(path, string(n.tree)))
			}
		}
		if old := child(parsed, "plugins"); old[criPlugin(2)] != nil {
			old[criPlugin(3)] = old[criPlugin(2)]
			delete(old, criPlugin(2))
		}
		delete(parsed, "version")
		merge(effective, parsed)
		pending = pending[1:]
	}
	return string(must2(toml.Marshal(effective))), nil
}

func merge(to, from table) {
	for key, value := range from {
		nested, ok := value.(table)
		have, both := to[key].(table)
		if ok && both {
			merge(have, nested)
		} else {
			to[key] = value
		}
	}
}

// snapshot is everything on the node but its processes and what is gone after a restart.
func (n *testNode) snapshot() map[string]string {
	found := map[string]string{}
	must(filepath.WalkDir(string(n.tree), func(path string, entry fs.DirEntry, err error) error {
		must(err)
		name := strings.TrimPrefix(path, string(n.tree))
		if name == "/proc" || name == runFolder {
			return filepath.SkipDir
		}
		info := must2(entry.Info())
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			found[name] = "-> " + must2(os.Readlink(path))
		case info.Mode().IsRegular():
			found[name] = info.Mode().String() + string(must2(os.ReadFile(path)))
		case name != "/run":
			found[name] = info.Mode().String()
		}
		return nil
	}))
	return found
}

func (n *testNode) restarts() int {
	return len(slices.DeleteFunc(slices.Clone(n.commands), func(c string) bool { return !strings.HasPrefix(c, "systemctl restart") }))
}

func expectSame(t *testing.T, want, have map[string]string) {
	t.Helper()
	keys := maps.Clone(want)
	maps.Copy(keys, have)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if want[key] != have[key] {
			t.Errorf("%s: expected %q, found %q", key, want[key], have[key])
		}
	}
}
