// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

const mountedFile = "/etc/app.conf"

// subPath is what kubelet mounts into a container for a part of a volume, and where that is in the volume.
func (p *pod) subPath() (mount, part string) {
	return p.dir + "/volume-subpaths/work/app/0", p.dir + "/volumes/kubernetes.io~empty-dir/work/app.conf"
}

// mountSubPath does it: of what is there, or of a folder.
func (p *pod) mountSubPath() {
	mount, part := p.subPath()
	mkdir(p.t, filepath.Dir(mount))
	if _, err := os.Stat(part); err == nil {
		write(p.t, mount, "")
	} else {
		mkdir(p.t, part)
		mkdir(p.t, mount)
	}
	command(p.t, "mount", "--bind", part, mount)
	p.t.Cleanup(func() { command(p.t, "umount", mount) })
}

// withSubPath is a container that has the part of the volume mounted as a file.
func (p *pod) withSubPath(args ...any) *container {
	p.t.Helper()
	c := p.container("app", args...)
	data, _ := os.ReadFile(c.bundle + "/config.json")
	config := object{}
	if err := json.Unmarshal(data, &config); err != nil {
		p.t.Fatal(err)
	}
	mount, _ := p.subPath()
	config["mounts"] = append(config["mounts"].(list), object{"destination": mountedFile, "type": "bind", "source": mount, "options": list{"rbind", "rprivate", "ro"}})
	data, _ = json.Marshal(config)
	write(p.t, c.bundle+"/config.json", string(data))
	return c
}

// mountFile is what the agent does, when the source has told it that there is a file.
func (c *container) mountFile() {
	mount, part := c.pod.subPath()
	point := c.bundle + "/rootfs" + mountedFile
	command(c.t, "sh", "-ec", `umount "$1"; rmdir "$1" "$2" "$3"; : >"$2"; : >"$1"; : >"$3"; mount --bind "$2" "$1"`, "sh", mount, part, point)
}

func TestFileMountedInPlaceOfAFolderIsRestored(t *testing.T) {
	source := newPod(t, "")
	_, part := source.subPath()
	write(t, part, "mode = fast")
	source.mountSubPath()
	c := source.withSubPath("/workload", "odd", "mounted", "/data")
	c.begin()
	c.expectKept("mode = fast")
	dump := c.checkpoint()

	a := startAgent(t)
	next := newPod(t, "m1")
	next.mountSubPath()
	c = next.withSubPath()
	c.start()
	a.accept()
	a.prepare(dump.image)
	a.expectReady()
	c.mountFile()
	_, part = next.subPath()
	command(t, "sh", "-c", "echo -n 'mode = fast' > "+part)
	dump.arrive(next)
	a.describe(dump.image)
	a.restore(dump.image)
	a.expect("restored")
	a.resume()

	eventually(t, "the count to go on", func() bool { c.expectNoProblem(); return c.count() > dump.count })
	command(t, "sh", "-c", "echo -n 'mode = slow' > "+part)
	c.expectKept("mode = slow")
}
