// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// groupsOf reads /proc/PID/cgroup, as the shim does to find out what to watch.
func groupsOf(t *testing.T, pid int) map[string]string {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]string{}
	for line := range strings.Lines(string(data)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		groups[parts[1]] = parts[2]
	}
	return groups
}

func TestShimSeesTheContainersCgroup(t *testing.T) {
	source := checkpointed(t, 30)
	a := startAgent(t)
	p := newPod(t, "m1")
	c := p.container("app")
	if err := c.create(); err != nil {
		t.Fatal(err)
	}
	want := p.cgroup(c.id)
	for controller, path := range groupsOf(t, c.holder) {
		if path != want && !(unified && controller != "") {
			t.Errorf("holder at create: %s: %s", controller, path)
		}
	}
	c.must("start", c.id)
	a.accept()
	inode := inodeOf(t, c.group("memory"))
	oom := -1
	if !unified {
		oom = oomEvents(t, c.group("memory"))
	}
	source.arrive(p)
	a.restore(source.image)
	s := a.expect("restored")
	a.resume()
	c.expectRunning(source)
	if inodeOf(t, c.group("memory")) != inode {
		t.Fatal("the cgroup that the shim watches was replaced")
	}
	eventually(t, "the holder to leave the container's cgroup", func() bool {
		for controller, path := range groupsOf(t, c.holder) {
			if path == want || (unified && controller == "" && path != want+"/holder") {
				return false
			}
		}
		return true
	})
	for controller, path := range groupsOf(t, s.InitPID) {
		if !strings.HasPrefix(path, want) && !(unified && controller != "") {
			t.Errorf("container: %s: %s", controller, path)
		}
	}
	if unified {
		c.checkUnified()
		return
	}
	if used := readNumber(t, c.group("memory")+"/memory.usage_in_bytes"); used < 25<<20 {
		t.Errorf("memory usage %d", used)
	}
	if limit := readNumber(t, c.group("memory")+"/memory.limit_in_bytes"); limit != 256<<20 {
		t.Errorf("memory limit %d", limit)
	}
	checkCgroupMounts(t, s.InitPID, want)

	write(t, p.data("app")+"/eat", "")
	if code := c.exitStatus(); code != 137 {
		t.Fatalf("exit status %d", code)
	}
	var count [8]byte
	if _, err := syscall.Read(oom, count[:]); err != nil || count[0] == 0 {
		t.Fatalf("no out-of-memory event: %v", err)
	}
	c.must("delete", c.id)
}

func TestHandlerWithTheOtherDriverIsRefusedAtOnce(t *testing.T) {
	p := newPod(t, "")
	config := containerConfig(p, "app", "other", list{"/workload", "count", "/data"})
	want := "set SystemdCgroup = true"
	config["linux"].(object)["cgroupsPath"] = p.slice() + ":cri-containerd:other"
	if systemd {
		want = "remove SystemdCgroup = true"
		config["linux"].(object)["cgroupsPath"] = "/kubepods/pod" + p.uid + "/other"
	}
	if err := p.add("other", config).create(); err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("create: %v", err)
	}
}

// checkUnified: limits hold where the container was restored, and its end for want of memory counts where the shim looks.
func (c *container) checkUnified() {
	t := c.t
	t.Helper()
	if !limits {
		return
	}
	restored := c.group("memory") + "/restored"
	if used := readNumber(t, restored+"/memory.current"); used < 25<<20 {
		t.Errorf("memory usage %d", used)
	}
	if limit := readNumber(t, restored+"/memory.max"); limit != 256<<20 {
		t.Errorf("memory limit %d", limit)
	}
	if weight := readNumber(t, restored+"/cpu.weight"); weight == 100 {
		t.Errorf("cpu weight %d, which is the default", weight)
	}
	write(t, c.pod.data("app")+"/eat", "")
	if code := c.exitStatus(); code != 137 {
		t.Fatalf("exit status %d", code)
	}
	events, _ := os.ReadFile(c.group("memory") + "/memory.events")
	if !strings.Contains(string(events), "\noom_kill ") || strings.Contains(string(events), "\noom_kill 0\n") {
		t.Fatalf("memory events %q", events)
	}
	c.must("delete", c.id)
}

// checkCgroupMounts: a runtime inside the container that reads its limits must find its own.
func checkCgroupMounts(t *testing.T, pid int, want string) {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", pid))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if !strings.HasPrefix(f[4], "/sys/fs/cgroup/") {
			continue
		}
		seen++
		if f[3] != want {
			t.Errorf("the container sees at %s the cgroup %s", f[4], f[3])
		}
	}
	if seen == 0 {
		t.Error("the container sees no cgroup")
	}
}

func inodeOf(t *testing.T, path string) uint64 {
	t.Helper()
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return st.Ino
}

// oomEvents registers for out-of-memory events as the shim does (cgroup version 1).
func oomEvents(t *testing.T, group string) int {
	t.Helper()
	const eventfd2, nonblock = 290, 0x800
	fd, _, errno := syscall.Syscall(eventfd2, 0, nonblock, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	control, err := os.Open(filepath.Join(group, "memory.oom_control"))
	if err != nil {
		t.Fatal(err)
	}
	defer control.Close()
	line := fmt.Sprintf("%d %d", fd, control.Fd())
	if err := os.WriteFile(filepath.Join(group, "cgroup.event_control"), []byte(line), 0); err != nil {
		t.Fatal(err)
	}
	return int(fd)
}

func readNumber(t *testing.T, path string) int {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
