// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// spared is a tmpfs that every container of a kind has alike. It is made anew instead of moved: CRIU would run tar and gzip
// for it at both ends, within the freeze. Here it is only offered; the dump says which are taken (docs/adr/0016).
type spared struct {
	Destination string
	Flags       uintptr
	Data        string
	Devices     bool
	Folders     []string
	Files       []string
	Links       map[string]string
}

// sparedKey names a mount between the dump and the restore; the agent that dumps uses the same.
func sparedKey(destination string) string { return "carovana" + destination }

// mountFlags are options that are no data of a tmpfs. It has to be filled: if it is read-only, CRIU makes it so.
var mountFlags = map[string]uintptr{
	"nosuid": syscall.MS_NOSUID, "noexec": syscall.MS_NOEXEC, "nodev": syscall.MS_NODEV, "ro": 0, "rw": 0,
	"strictatime": syscall.MS_STRICTATIME, "relatime": syscall.MS_RELATIME, "noatime": syscall.MS_NOATIME,
}

// spare finds the mounts that can be made anew. They are as runc makes them.
func (b *bundle) spare(g groups) []spared {
	var all []spared
	for _, m := range b.spec.Mounts {
		switch {
		case m.Destination == "/dev" && m.Type == "tmpfs":
			all = append(all, b.devices(m))
		case m.Type == "cgroup" && !g.Unified:
			all = append(all, b.hierarchies(m, g.Mounts))
		}
	}
	for _, path := range b.spec.Linux.MaskedPaths {
		all = append(all, spared{Destination: path, Flags: syscall.MS_RDONLY, Data: b.labelled("nr_blocks=1", "nr_inodes=1")})
	}
	return all
}

func (b *bundle) devices(m mount) spared {
	s := spared{Destination: m.Destination, Devices: true, Links: map[string]string{
		"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
		"ptmx": "pts/ptmx",
	}}
	if _, err := os.Stat("/proc/kcore"); err == nil {
		s.Links["core"] = "/proc/kcore"
	}
	var data []string
	for _, option := range m.Options {
		if flag, known := mountFlags[option]; known {
			s.Flags |= flag
		} else {
			data = append(data, option)
		}
	}
	s.Data = b.labelled(data...)
	for _, below := range b.spec.Mounts {
		if filepath.Dir(below.Destination) != m.Destination {
			continue
		}
		name := filepath.Base(below.Destination)
		if info, err := os.Stat(below.Source); below.Type == "bind" && err == nil && !info.IsDir() {
			s.Files = append(s.Files, name)
		} else {
			s.Folders = append(s.Folders, name)
		}
	}
	return s
}

// hierarchies is where cgroups of version 1 are mounted. Those that are mounted together have a link for each name.
func (b *bundle) hierarchies(m mount, mounts []string) spared {
	s := spared{Destination: m.Destination, Data: b.labelled("mode=755"), Links: map[string]string{}}
	for _, hierarchy := range mounts {
		if fsType(hierarchy) != cgroup1Type {
			continue
		}
		name := filepath.Base(hierarchy)
		s.Folders = append(s.Folders, name)
		if strings.Contains(name, ",") {
			for controller := range strings.SplitSeq(name, ",") {
				s.Links[controller] = name
			}
		}
	}
	return s
}

// labelled adds the label that SELinux wants to the options of a tmpfs.
func (b *bundle) labelled(options ...string) string {
	if label := b.spec.Linux.MountLabel; label != "" {
		options = append(slices.Clone(options), fmt.Sprintf("context=%q", label))
	}
	return strings.Join(options, ",")
}

type device struct {
	name         string
	major, minor int
}

// defaultDevices are those of the OCI runtime specification.
var defaultDevices = []device{
	{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
}

// mount makes the file system and what is in it.
func (s spared) mount(target string) error {
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", target, "tmpfs", s.Flags, s.Data); err != nil {
		return fmt.Errorf("mount tmpfs for %s with options %q: %w", s.Destination, s.Data, err)
	}
	for _, name := range s.Folders {
		if err := os.Mkdir(filepath.Join(target, name), 0o755); err != nil {
			return err
		}
	}
	for _, name := range s.Files {
		if err := os.WriteFile(filepath.Join(target, name), nil, 0o755); err != nil {
			return err
		}
	}
	for name, to := range s.Links {
		if err := os.Symlink(to, filepath.Join(target, name)); err != nil {
			return err
		}
	}
	if !s.Devices {
		return nil
	}
	for _, d := range defaultDevices {
		path := filepath.Join(target, d.name)
		if err := syscall.Mknod(path, syscall.S_IFCHR|0o666, d.major<<8|d.minor); err != nil {
			return fmt.Errorf("mknod %s: %w", path, err)
		}
		if err := os.Chmod(path, 0o666); err != nil { // whatever the umask
			return err
		}
	}
	return nil
}

// restoreOrder is what a process needs to become runc restore.
type restoreOrder struct {
	Runc   string
	Args   []string
	Folder string // below which the spared mounts are made
	Spared []spared
	Log    string // runc's
}

// restoreMain makes what is spared, in a mount namespace of its own, and becomes runc. Nobody else sees what is mounted
// there, what runc mounts for a restore included, and it goes with the last process. What the node mounts and unmounts
// later is followed.
func restoreMain(text string) int {
	runtime.LockOSThread() // it is the thread whose namespace runc gets
	var order restoreOrder
	err := json.Unmarshal([]byte(text), &order)
	if err == nil {
		err = order.become()
	}
	report, _ := json.Marshal(map[string]string{"level": "error", "msg": err.Error()})
	os.WriteFile(order.Log, append(report, '\n'), 0o600) // its output is the container's
	return 1
}

func (o restoreOrder) become() error {
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		return fmt.Errorf("mount namespace: %w", err)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_SLAVE, ""); err != nil {
		return fmt.Errorf("mount namespace: %w", err)
	}
	for _, s := range o.Spared {
		if err := s.mount(o.Folder + s.Destination); err != nil {
			return err
		}
	}
	return fmt.Errorf("exec %s: %w", o.Runc, syscall.Exec(o.Runc, o.Args, os.Environ()))
}
