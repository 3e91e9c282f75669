// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// spare has CRIU leave out what the holder makes anew, as the agent does.
func (c *container) spare(t *testing.T) {
	t.Helper()
	var options string
	for path := range c.tmpfs() {
		options += fmt.Sprintf("external mnt[%s]:carovana%s\n", path, path)
	}
	file := t.TempDir() + "/criu.conf"
	write(t, file, options)
	t.Setenv("CRIU_CONFIG_FILE", file)
}

// tmpfs has the mounts of a container that CRIU would archive: by path, the options of the mount and of the file system.
func (c *container) tmpfs() map[string]string {
	c.t.Helper()
	data, err := os.ReadFile("/proc/" + itoa(c.init()) + "/mountinfo")
	if err != nil {
		c.t.Fatal(err)
	}
	found := map[string]string{}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		kind := fields[slices.Index(fields, "-")+1:]
		if root, path := fields[3], fields[4]; root == "/" && kind[0] == "tmpfs" {
			found[path] = fields[5] + " " + kind[2]
		}
	}
	return found
}

func (c *container) init() int {
	if pids := c.pids(); len(pids) > 0 {
		return pids[0]
	}
	return c.holder // it was started, not restored
}

// tree has a line for each file in a folder of the container: type and mode, owner, device number, name and target.
func (c *container) tree(path string) string {
	c.t.Helper()
	folder := "/proc/" + itoa(c.init()) + "/root" + path
	entries, err := os.ReadDir(folder)
	if err != nil {
		c.t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range entries {
		var st syscall.Stat_t
		if err := syscall.Lstat(folder+"/"+e.Name(), &st); err != nil {
			c.t.Fatal(err)
		}
		target, _ := os.Readlink(folder + "/" + e.Name())
		fmt.Fprintf(&all, "%o %d:%d %x %s %s\n", st.Mode, st.Uid, st.Gid, st.Rdev, e.Name(), target)
	}
	return all.String()
}

func TestWhatEveryContainerHasIsMadeAnew(t *testing.T) {
	source := newPod(t, "").container("app", "/workload", "count", "/data", "1")
	source.start()
	eventually(t, "the source's count", func() bool { return source.count() > 20 && source.number("child") > 5 })
	mounts, trees := source.tmpfs(), map[string]string{}
	for path := range mounts {
		trees[path] = source.tree(path)
	}
	if trees["/dev"] == "" || mounts["/sys/firmware"] == "" || (!unified && trees["/sys/fs/cgroup"] == "") {
		t.Fatalf("tmpfs: %v, files: %v", mounts, trees)
	}
	source.spare(t)
	dump := source.checkpoint()
	if archives, _ := filepath.Glob(dump.image + "/tmpfs-*"); len(archives) > 0 {
		t.Fatalf("CRIU has archived %v", archives)
	}

	a, c := holdOne(t)
	dump.arrive(c.pod)
	a.restore(dump.image)
	a.expect("restored")
	a.resume()
	c.expectRunning(dump)
	if now := c.tmpfs(); !maps.Equal(now, mounts) {
		t.Errorf("mounts %v, before %v", now, mounts)
	}
	for path, before := range trees {
		if now := c.tree(path); now != before {
			t.Errorf("%s:\n%sbefore:\n%s", path, now, before)
		}
	}
	if second := c.checkpoint(); second.count <= dump.count {
		t.Fatalf("count %d after %d", second.count, dump.count)
	}
}
