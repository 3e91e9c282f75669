// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"os"
	"strings"
	"testing"
	"time"
)

type checkpoint struct {
	image, data string
	count       int
}

// arrive puts the volumes of the checkpoint into the destination pod.
func (s checkpoint) arrive(p *pod) {
	p.t.Helper()
	command(p.t, "cp", "-a", s.data+"/.", p.data("app"))
}

// checkpointed runs a container until it counts, and dumps it as the agent does: paused, left paused, then killed.
// Its folder /data is kept too, as the agent moves volumes.
func checkpointed(t *testing.T, megabytes int) (s checkpoint) {
	t.Helper()
	source := newPod(t, "")
	c := source.container("app", "/workload", "count", "/data", itoa(megabytes))
	c.start()
	eventually(t, "the source's count", func() bool { return c.count() > 20 && c.number("child") > 5 })
	s.image = t.TempDir() + "/checkpoint"
	c.must("pause", c.id)
	s.count = c.count()
	s.data = t.TempDir()
	command(t, "cp", "-a", source.data("app")+"/.", s.data)
	began := time.Now()
	c.must("checkpoint", "--leave-running", "--image-path", s.image, "--work-path", s.image+"-dump", c.id)
	t.Logf("dump of %d MB: %v", megabytes, time.Since(began))
	c.run("kill", c.id, "KILL")
	c.run("resume", c.id) // some versions of runc thaw with the kill
	eventually(t, "the source's end", func() bool { return len(c.pids()) == 0 })
	return s
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
	if c.count() != source.count {
		t.Fatal("something ran before resume")
	}
	pids := c.pids()
	if len(pids) != 2 {
		t.Fatalf("processes %v", pids)
	}
	for _, pid := range pids {
		if processState(pid) != "T" {
			t.Fatalf("process %d is in state %s", pid, processState(pid))
		}
	}
	if s.InitPID != pids[0] {
		t.Fatalf("init %d, processes %v", s.InitPID, pids)
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
