// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type checkpoint struct {
	name, image, data, shared string
	count                     int
}

// arrive puts the volumes of the checkpoint into the destination pod.
func (s checkpoint) arrive(p *pod) {
	p.t.Helper()
	command(p.t, "cp", "-a", s.data+"/.", p.data(s.name))
}

// checkpointed runs a container until it counts, and dumps it.
func checkpointed(t *testing.T, megabytes int) checkpoint {
	t.Helper()
	c := newPod(t, "").container("app", "/workload", "count", "/data", itoa(megabytes))
	c.start()
	eventually(t, "the source's count", func() bool { return c.count() > 20 && c.number("child") > 5 })
	return c.checkpoint()
}

// checkpoint dumps the container as the agent does: paused, left paused, then killed.
func (c *container) checkpoint() checkpoint {
	c.t.Helper()
	c.must("pause", c.id)
	s := c.dump(c.t.TempDir())
	c.end()
	return s
}

// dump is of a container that is paused. Its folder /data is kept too, as the agent moves volumes.
func (c *container) dump(folder string) (s checkpoint) {
	t := c.t
	t.Helper()
	s.name, s.image = c.name, folder+"/checkpoint"
	s.count = c.count()
	began := time.Now()
	args := []string{"checkpoint", "--leave-running", "--image-path", s.image, "--work-path", s.image + "-dump"}
	if !unified {
		args = append(args, "--manage-cgroups-mode", "ignore")
	}
	c.must(append(args, c.id)...)
	t.Logf("dump: %v", time.Since(began))
	command(t, binary, "carovana-attributes", filepath.Dir(s.image), c.ownGroup("freezer"))
	link := []string{"carovana-link", filepath.Dir(s.image)}
	for _, pid := range c.pids() {
		link = append(link, itoa(pid))
	}
	command(t, binary, link...)
	s.data = t.TempDir()
	command(t, "cp", "-a", c.pod.data(c.name)+"/.", s.data)
	command(t, binary, "carovana-unlink", filepath.Dir(s.image))
	return s
}

// end kills a container that is paused.
func (c *container) end() {
	c.t.Helper()
	c.run("kill", c.id, "KILL")
	c.run("resume", c.id) // some versions of runc thaw with the kill
	eventually(c.t, "the source's end", func() bool { return len(c.pids()) == 0 })
}

// holdOne makes a destination pod with one started, held container, connected to an agent.
func holdOne(t *testing.T) (*agent, *container) {
	t.Helper()
	a := startAgent(t)
	c := newPod(t, "m1").container("app")
	c.start()
	if s := a.accept(); s.State != "held" {
		t.Fatalf("state %q", s.State)
	}
	return a, c
}

// restoreOne brings a container to where all is restored and nothing has run.
func restoreOne(t *testing.T) (*agent, *container, checkpoint, status) {
	t.Helper()
	source := checkpointed(t, 1)
	a, c := holdOne(t)
	source.arrive(c.pod)
	a.restore(source.image)
	return a, c, source, a.expect("restored")
}

func (a *agent) resume() {
	a.t.Helper()
	a.send(map[string]string{"type": "resume"})
	a.expect("resumed")
}

func (c *container) expectRunning(source checkpoint) {
	c.t.Helper()
	eventually(c.t, "the count to go on", func() bool { return c.count() > source.count })
}

func (c *container) expectNothingRan(source checkpoint) {
	c.t.Helper()
	eventually(c.t, "the processes' end", func() bool { return len(c.pids()) == 0 })
	if c.count() != source.count {
		c.t.Fatalf("count %d instead of %d", c.count(), source.count)
	}
}

func TestRestoredContainerIsStoppedThenGoesOn(t *testing.T) {
	source := checkpointed(t, 30)
	a := startAgent(t)
	p := newPod(t, "m1")
	c := p.container("app")
	began := time.Now()
	if err := c.create(); err != nil {
		t.Fatal(err)
	}
	t.Logf("create: %v", time.Since(began))
	hello := a.accept()
	if hello.State != "held" || hello.Version != 1 || hello.Type != "container" || hello.Migration != "m1" ||
		hello.PodUID != p.uid || hello.Container != "app" || hello.ContainerID != c.id || hello.PID != c.holder ||
		hello.Netns != p.netns || hello.Bundle != c.bundle || hello.SandboxID != p.sandboxID {
		t.Fatalf("introduction %+v", hello)
	}
	began = time.Now()
	c.must("start", c.id)
	t.Logf("start: %v", time.Since(began))

	source.arrive(p)
	began = time.Now()
	a.restore(source.image)
	s := a.expect("restored")
	t.Logf("restore of 30 MB: %v", time.Since(began))
	pids := c.pids()
	if len(pids) != 2 {
		t.Fatalf("processes %v", pids)
	}
	for _, pid := range pids {
		expectStopped(t, pid)
	}
	if c.count() != source.count {
		t.Fatal("something ran before resume")
	}
	if s.InitPID != pids[0] {
		t.Fatalf("init %d, processes %v", s.InitPID, pids)
	}
	for _, pid := range pids {
		expectIdentity(t, pid)
	}

	began = time.Now()
	a.send(map[string]string{"type": "resume"})
	a.expect("resumed")
	t.Logf("resume: %v", time.Since(began))
	eventually(t, "the count to go on", func() bool { return c.count() > source.count })
	if !strings.Contains(c.must("state", c.id), `"status": "running"`) {
		t.Fatal("runc does not know the container")
	}

	write(t, p.data("app")+"/exit", "7")
	if code := c.exitStatus(); code != 7 {
		t.Fatalf("exit status %d", code)
	}
	<-c.copied
	if !strings.Contains(c.stdout.String(), "ending 7") {
		t.Fatalf("output %q", c.stdout.String())
	}
	c.must("delete", c.id)
	if _, err := os.Stat(c.group("memory")); err == nil {
		t.Fatal("the container's cgroup is left over")
	}
	if p.record("app")["state"] != "resumed" {
		t.Fatalf("record %v", p.record("app"))
	}
}

// expectIdentity: a restored process is the user, and as confined, as it was.
func expectIdentity(t *testing.T, pid int) {
	t.Helper()
	status, err := os.ReadFile("/proc/" + itoa(pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Repeat("\t"+itoa(user), 4); !strings.Contains(string(status), "\nUid:"+want+"\n") || !strings.Contains(string(status), "\nGid:"+want+"\n") {
		t.Fatalf("user of process %d: %s", pid, status)
	}
	if confined, _ := os.ReadFile("/proc/" + itoa(pid) + "/attr/current"); apparmor && string(confined) != profile+" (enforce)\n" {
		t.Fatalf("process %d is confined by %q", pid, confined)
	}
}

func TestRestoredContainerMovesOn(t *testing.T) {
	a, c, first, _ := restoreOne(t)
	a.resume()
	c.expectRunning(first)
	second := c.checkpoint()
	if second.count <= first.count {
		t.Fatalf("count %d after %d", second.count, first.count)
	}
	b := startAgent(t)
	next := newPod(t, "m2").container("app")
	next.start()
	b.accept()
	second.arrive(next.pod)
	b.restore(second.image)
	b.expect("restored")
	b.resume()
	next.expectRunning(second)
}
