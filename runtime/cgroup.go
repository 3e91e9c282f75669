// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	cgroupRoot  = "/sys/fs/cgroup"
	cgroup1Type = 0x27e0eb
	cgroup2Type = 0x63677270
)

// groups are the cgroups of a held container, as paths below each hierarchy's mount point.
//
// The shim takes the container's cgroup from the pid that create returned, and watches it for
// out-of-memory events from start on. So the holder is in the container's cgroup while create runs, and
// that folder is kept afterwards. But runc restores into a cgroup without processes only, so the holder
// leaves again at start:
//
//   - Version 1: for a cgroup beside the container's.
//   - Version 2: the shim stops watching a cgroup that becomes empty. The holder moves to a child cgroup, and
//     the container is restored into another child; events and statistics of children count in the parent.
type groups struct {
	Unified   bool     `json:"unified"`
	Mounts    []string `json:"mounts"`
	Listed    string   `json:"listed"`    // the mount whose cgroup.procs runc reads
	Container string   `json:"container"` // what the shim watches
	Restored  string   `json:"restored"`  // what runc restores into
	Holder    string   `json:"holder"`
}

func newGroups(cgroupsPath string, systemd bool, id string) (groups, error) {
	path, err := cgroupFolder(cgroupsPath, systemd)
	if err != nil {
		return groups{}, err
	}
	mounts, unified, err := cgroupMounts(cgroupRoot)
	if err != nil {
		return groups{}, err
	}
	g := groups{Unified: unified, Mounts: mounts, Listed: mounts[0], Container: path}
	if unified {
		g.Restored, g.Holder = filepath.Join(path, "restored"), filepath.Join(path, "holder")
		return g, nil
	}
	g.Restored, g.Holder = path, filepath.Join(filepath.Dir(path), "carovana-"+id)
	if i := slices.IndexFunc(mounts, func(m string) bool { return filepath.Base(m) == "devices" }); i >= 0 {
		g.Listed = mounts[i]
	}
	return g, nil
}

// cgroupFolder translates linux.cgroupsPath into a path below a hierarchy.
func cgroupFolder(cgroupsPath string, systemd bool) (string, error) {
	if err := checkDriver(cgroupsPath, systemd); err != nil {
		return "", err
	}
	if !systemd {
		return filepath.Clean(cgroupsPath), nil
	}
	parts := strings.Split(cgroupsPath, ":")
	slice, prefix, name := parts[0], parts[1], parts[2]
	path, full := "/", ""
	for part := range strings.SplitSeq(strings.TrimSuffix(slice, ".slice"), "-") {
		if part == "" {
			continue
		}
		full = strings.TrimPrefix(full+"-"+part, "-")
		path = filepath.Join(path, full+".slice")
	}
	return filepath.Join(path, prefix+"-"+name+".scope"), nil
}

// checkDriver: kubelet's cgroup driver decides what linux.cgroupsPath is like, containerd's configuration of the handler how the
// runtime reads it. If they differ, runc would put the container outside its pod's cgroup and say nothing.
func checkDriver(cgroupsPath string, systemd bool) error {
	if systemd && strings.Count(cgroupsPath, ":") != 2 {
		return fmt.Errorf("linux.cgroupsPath %q was expected to be SLICE:PREFIX:NAME: kubelet's cgroup driver is cgroupfs, "+
			"so remove SystemdCgroup = true from the handler in containerd's configuration", cgroupsPath)
	}
	if !systemd && !filepath.IsAbs(cgroupsPath) {
		return fmt.Errorf("linux.cgroupsPath %q was expected to be an absolute path: kubelet's cgroup driver is systemd, "+
			"so set SystemdCgroup = true in the options of the handler in containerd's configuration", cgroupsPath)
	}
	return nil
}

func cgroupMounts(root string) (mounts []string, unified bool, err error) {
	if fsType(root) == cgroup2Type {
		return []string{root}, true, nil
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, false, err
	}
	for _, e := range entries {
		path := filepath.Join(root, e.Name())
		if kind := fsType(path); e.IsDir() && (kind == cgroup1Type || kind == cgroup2Type) {
			mounts = append(mounts, path)
		}
	}
	if len(mounts) == 0 {
		return nil, false, fmt.Errorf("no cgroup hierarchy is mounted below %s", root)
	}
	return mounts, false, nil
}

func fsType(path string) int64 {
	var st syscall.Statfs_t
	if syscall.Statfs(path, &st) != nil {
		return 0
	}
	return int64(st.Type)
}

// enter makes a cgroup in every hierarchy and moves the process there.
func (g groups) enter(path string, pid int) error {
	for _, mount := range g.Mounts {
		if err := makeGroup(mount, path); err != nil {
			return err
		}
		procs := filepath.Join(mount, path, "cgroup.procs")
		if err := os.WriteFile(procs, []byte(strconv.Itoa(pid)), 0); err != nil {
			return err
		}
	}
	return nil
}

// makeGroup makes the folders of a cgroup. A new cgroup of hierarchy "cpuset" accepts no process until it
// has cpus and memory nodes; version 2 gives a cgroup only the controllers that its parent hands down.
func makeGroup(mount, path string) error {
	dir := mount
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		parent := dir
		dir = filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o755); errors.Is(err, fs.ErrExist) {
			continue
		} else if err != nil {
			return err
		}
		for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
			if err := copyIfEmpty(filepath.Join(parent, file), filepath.Join(dir, file)); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyIfEmpty(from, to string) error {
	have, err := os.ReadFile(to)
	if err != nil || len(strings.TrimSpace(string(have))) > 0 || fsType(to) != cgroup1Type {
		return nil
	}
	value, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, value, 0)
}

// vacate takes the holder out of the container's cgroup, so that a restore is possible. Moving a process
// costs milliseconds in each hierarchy: normally start has done it, long before the freeze.
func (g groups) vacate(holder int) error {
	if slices.Contains(readPIDs(filepath.Join(g.Listed, g.Holder)), holder) {
		return nil
	}
	return g.enter(g.Holder, holder)
}

// pids of the restored container, in whatever cgroups it made for itself.
func (g groups) pids() []int { return pidsBelow(filepath.Join(g.Listed, g.Restored)) }

func pidsBelow(group string) (pids []int) {
	filepath.WalkDir(group, func(dir string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil
		}
		pids = append(pids, readPIDs(dir)...)
		return nil
	})
	return pids
}

func readPIDs(dir string) (pids []int) {
	data, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	for line := range strings.FieldsSeq(string(data)) {
		if pid, err := strconv.Atoi(line); err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// kill ends every process of the restored container but the given ones, and says whether all are gone.
func (g groups) kill(spare ...int) bool {
	return poll(5*time.Second, func() bool {
		left := slices.DeleteFunc(g.pids(), func(pid int) bool { return slices.Contains(spare, pid) })
		for _, pid := range left {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		return len(left) == 0
	})
}

// remove deletes the folders of the container and its holder, once nothing is in them.
func (g groups) remove() {
	for _, mount := range g.Mounts {
		for _, path := range []string{g.Holder, g.Restored, g.Container} {
			removeGroup(filepath.Join(mount, path))
		}
	}
}

func removeGroup(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.IsDir() {
			removeGroup(filepath.Join(dir, e.Name()))
		}
	}
	poll(100*time.Millisecond, func() bool { // a process that has just ended still counts for a moment
		err := os.Remove(dir)
		return err == nil || errors.Is(err, fs.ErrNotExist)
	})
}
