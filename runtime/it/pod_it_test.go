// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	binary   = "/it/carovana-runc"
	runcRoot = "/run/runc-it"
	nodeDir  = "/run/carovana"
)

var serial int

func itoa(n int) string { return strconv.Itoa(n) }

// pod is a sandbox, made through carovana-runc, with its own network namespace and folder.
type pod struct {
	t         *testing.T
	dir       string
	uid, name string
	migration string
	sandboxID string
	netns     string
	pausePID  int
}

func newPod(t *testing.T, migration string) *pod {
	t.Helper()
	serial++
	p := &pod{t: t, dir: t.TempDir() + "/" + itoa(serial), uid: fmt.Sprintf("uid-%d", serial), name: fmt.Sprintf("pod-%d", serial),
		migration: migration, sandboxID: fmt.Sprintf("sandbox%d", serial), netns: fmt.Sprintf("/run/netns/pod%d", serial)}
	command(t, "ip", "netns", "add", filepath.Base(p.netns))
	t.Cleanup(func() { exec.Command("ip", "netns", "del", filepath.Base(p.netns)).Run() })
	command(t, "ip", "-netns", filepath.Base(p.netns), "link", "set", "lo", "up")
	p.writeConfig("of " + p.name)
	sandbox := p.add(p.sandboxID, sandboxConfig(p))
	sandbox.start()
	p.pausePID = sandbox.holder
	return p
}

// cgroup is where the container's cgroup is, below each hierarchy.
func (p *pod) cgroup(id string) string {
	if systemd {
		return "/kubepods.slice/" + p.slice() + "/cri-containerd-" + id + ".scope"
	}
	return "/kubepods/pod" + p.uid + "/" + id
}

// cgroupsPath is what containerd writes for it.
func (p *pod) cgroupsPath(id string) string {
	if systemd {
		return p.slice() + ":cri-containerd:" + id
	}
	return p.cgroup(id)
}

func (p *pod) slice() string { return "kubepods-pod" + strings.ReplaceAll(p.uid, "-", "_") + ".slice" }

func (p *pod) data(name string) string { return p.dir + "/data-" + name }

// config is where kubelet writes what a configMap has.
func (p *pod) config() string { return p.dir + "/volumes/kubernetes.io~configmap/config" }

// writeConfig does it in kubelet's way: into a new folder, to which a link then leads.
func (p *pod) writeConfig(text string) {
	serial++
	folder := fmt.Sprintf("..2026_11_29_10_%02d_%02d.%09d", serial/60%60, serial%60, serial)
	write(p.t, p.config()+"/"+folder+"/greeting", text)
	old, _ := os.Readlink(p.config() + "/..data")
	command(p.t, "ln", "-sfn", folder, p.config()+"/..data_tmp")
	command(p.t, "mv", "-T", p.config()+"/..data_tmp", p.config()+"/..data")
	command(p.t, "ln", "-sfn", "..data/greeting", p.config()+"/greeting")
	if old != "" {
		command(p.t, "rm", "-r", p.config()+"/"+old)
	}
}

func (p *pod) recordPath(name string) string {
	return filepath.Join(nodeDir, "pods", p.uid, name+".json")
}

func (p *pod) fence() {
	write(p.t, filepath.Join(nodeDir, "pods", p.uid, "fenced"), "")
}

func (p *pod) record(name string) map[string]any {
	data, err := os.ReadFile(p.recordPath(name))
	if err != nil {
		return nil
	}
	rec := map[string]any{}
	if err := json.Unmarshal(data, &rec); err != nil {
		p.t.Fatal(err)
	}
	return rec
}

// container is one OCI container, driven as the shim drives runc.
type container struct {
	t       *testing.T
	pod     *pod
	id      string
	name    string
	bundle  string
	holder  int
	stdout  bytes.Buffer
	copied  chan struct{}
	deleted bool
}

func (p *pod) container(name string, args ...any) *container {
	p.t.Helper()
	serial++
	id := fmt.Sprintf("%s%d", name, serial)
	if args == nil {
		args = list{"/workload", "count", "/data"}
	}
	c := p.add(id, containerConfig(p, name, id, args))
	c.name = name
	return c
}

func (p *pod) add(id string, config object) *container {
	p.t.Helper()
	c := &container{t: p.t, pod: p, id: id, bundle: p.dir + "/" + id}
	for _, dir := range []string{"/proc", "/dev", "/sys", "/data", "/config"} {
		mkdir(p.t, c.bundle+"/rootfs"+dir)
	}
	for _, m := range config["mounts"].(list) {
		if m.(object)["type"] == "bind" {
			source := m.(object)["source"].(string)
			mkdir(p.t, source)
			if err := os.Chown(source, user, user); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	data, err := os.ReadFile("/it/workload")
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(c.bundle+"/rootfs/workload", data, 0o755); err != nil {
		p.t.Fatal(err)
	}
	raw, _ := json.Marshal(config)
	write(p.t, c.bundle+"/config.json", string(raw))
	p.t.Cleanup(c.cleanup)
	return c
}

func (c *container) cleanup() {
	c.run("kill", c.id, "KILL")
	c.run("delete", "--force", c.id)
}

// run calls the wrapper as go-runc does, and returns what it printed and the error text of its log.
func (c *container) run(args ...string) (string, error) {
	logFile := c.bundle + "/log.json"
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append(globals(logFile), args...)...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, lastLogError(logFile))
	}
	return string(out), nil
}

func (c *container) must(args ...string) string {
	c.t.Helper()
	out, err := c.run(args...)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

func globals(logFile string) []string {
	flags := []string{"--root", runcRoot, "--log", logFile, "--log-format", "json"}
	if systemd {
		flags = append(flags, "--systemd-cgroup")
	}
	return flags
}

// create gives the container a pipe for its output, as the shim does, and collects what comes.
func (c *container) create() error {
	c.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.Command(binary, append(globals(c.bundle+"/log.json"),
		"create", "--bundle", c.bundle, "--pid-file", c.bundle+"/init.pid", c.id)...)
	cmd.Stdout, cmd.Stderr = write, write
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err = cmd.Run()
	write.Close()
	if err != nil {
		read.Close()
		return fmt.Errorf("create: %w: %s", err, lastLogError(c.bundle+"/log.json"))
	}
	c.copied = make(chan struct{})
	go func() {
		c.stdout.ReadFrom(read)
		close(c.copied)
	}()
	c.holder = c.pid()
	return nil
}

func (c *container) start() {
	c.t.Helper()
	if err := c.create(); err != nil {
		c.t.Fatal(err)
	}
	c.must("start", c.id)
}

func (c *container) pid() int {
	c.t.Helper()
	data, err := os.ReadFile(c.bundle + "/init.pid")
	if err != nil {
		c.t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(data))
	if err != nil {
		c.t.Fatal(err)
	}
	return pid
}

// exitStatus waits for the process that create returned, as the shim does.
func (c *container) exitStatus() int {
	c.t.Helper()
	var ws syscall.WaitStatus
	eventually(c.t, "the container's exit", func() bool {
		pid, err := syscall.Wait4(c.holder, &ws, syscall.WNOHANG, nil)
		return err == nil && pid == c.holder
	})
	if ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}

func (c *container) count() int { return c.number("count") }

func (c *container) number(file string) int {
	data, err := os.ReadFile(c.pod.data(c.name) + "/" + file)
	if err != nil {
		return -1
	}
	n, _ := strconv.Atoi(string(data))
	return n
}

// group is the folder of the container's cgroup in the hierarchy of the controller.
func (c *container) group(controller string) string {
	if unified {
		return "/sys/fs/cgroup" + c.pod.cgroup(c.id)
	}
	return "/sys/fs/cgroup/" + controller + c.pod.cgroup(c.id)
}

func (c *container) pids() []int { return procs(c.ownGroup("devices")) }

// ownGroup is where the container's processes are: of one that was restored, with version 2, a cgroup below its own.
func (c *container) ownGroup(controller string) string {
	if restored := c.group(controller) + "/restored"; unified && c.pod.migration != "" {
		return restored
	}
	return c.group(controller)
}

func procs(dir string) []int {
	data, _ := os.ReadFile(dir + "/cgroup.procs")
	var pids []int
	for f := range strings.FieldsSeq(string(data)) {
		pid, _ := strconv.Atoi(f)
		pids = append(pids, pid)
	}
	slices.Sort(pids)
	return pids
}

func processState(pid int) string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "gone"
	}
	return string(data[bytes.LastIndexByte(data, ')')+2])
}

// On a busy machine a process may have been sent its stop and not come by yet to take it, but it runs nothing of its own.
func expectStopped(t *testing.T, pid int) {
	t.Helper()
	eventually(t, fmt.Sprintf("the stop of process %d", pid), func() bool { return processState(pid) == "T" })
}

func lastLogError(path string) string {
	data, _ := os.ReadFile(path)
	var last string
	for line := range strings.Lines(string(data)) {
		var entry struct{ Level, Msg string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Level == "error" {
			last = entry.Msg
		}
	}
	return last
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second * patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}

// write makes a file that appears with all its content, and that every user reads.
func write(t *testing.T, path, text string) {
	t.Helper()
	mkdir(t, filepath.Dir(path))
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}
