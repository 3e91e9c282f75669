// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestSignalEndsAHeldContainer(t *testing.T) {
	for sig, code := range map[string]int{"15": 143, "KILL": 137, "SIGQUIT": 143} {
		_, c := holdOne(t)
		c.must("kill", c.id, sig)
		if got := c.exitStatus(); got != code {
			t.Fatalf("%s: exit status %d, expected %d", sig, got, code)
		}
		if _, err := c.run("kill", c.id, sig); err == nil || !strings.Contains(err.Error(), "not running") {
			t.Fatalf("second kill: %v", err)
		}
		c.must("delete", c.id)
		c.expectGone(t)
	}
}

func (c *container) expectGone(t *testing.T) {
	t.Helper()
	if rec := c.pod.record("app"); rec != nil {
		t.Fatalf("record is left: %v", rec)
	}
	if _, err := os.Stat(c.group("memory")); err == nil {
		t.Fatal("cgroup is left")
	}
	if _, err := c.run("state", c.id); err == nil {
		t.Fatal("the container is still known")
	}
}

func TestDeleteOfAHeldContainerNeedsForce(t *testing.T) {
	_, c := holdOne(t)
	if _, err := c.run("delete", c.id); err == nil || !strings.Contains(err.Error(), "not stopped") {
		t.Fatalf("delete: %v", err)
	}
	c.must("delete", "--force", c.id)
	if code := c.exitStatus(); code != 137 {
		t.Fatalf("exit status %d", code)
	}
	c.expectGone(t)
}

func TestHeldContainerShowsAsRunningAndRefusesTheRest(t *testing.T) {
	_, c := holdOne(t)
	var state struct {
		ID, Status, Bundle string
		Pid                int
	}
	if err := json.Unmarshal([]byte(c.must("state", c.id)), &state); err != nil {
		t.Fatal(err)
	}
	if state.ID != c.id || state.Status != "running" || state.Bundle != c.bundle || state.Pid != c.holder {
		t.Fatalf("state %+v", state)
	}
	for _, verb := range [][]string{{"ps", c.id}, {"pause", c.id}, {"exec", "--process", "/tmp/x", "--detach", c.id}, {"events", "--stats", c.id}} {
		if _, err := c.run(verb...); err == nil || !strings.Contains(err.Error(), "held for migration m1") {
			t.Fatalf("%v: %v", verb, err)
		}
	}
}

func TestHolderFindsTheAgentWheneverItComes(t *testing.T) {
	c := newPod(t, "m1").container("app")
	c.start()
	a := startAgent(t)
	if s := a.accept(); s.State != "held" || s.PID != c.holder {
		t.Fatalf("introduction %+v", s)
	}
	a.stop()
	if s := startAgent(t).accept(); s.State != "held" {
		t.Fatalf("second introduction %+v", s)
	}
}

func TestFenceRefusesCreateAndStart(t *testing.T) {
	p := newPod(t, "")
	created := p.container("web")
	if err := created.create(); err != nil {
		t.Fatal(err)
	}
	p.fence()
	if _, err := created.run("start", created.id); err == nil || !strings.Contains(err.Error(), "fenced") {
		t.Fatalf("start: %v", err)
	}
	if err := p.container("app").create(); err == nil || !strings.Contains(err.Error(), "functions/"+p.name+" is fenced") {
		t.Fatalf("create: %v", err)
	}
	other := newPod(t, "").container("app")
	other.start() // another pod's fence is no concern of it

	held := newPod(t, "m1").container("app")
	if err := held.create(); err != nil {
		t.Fatal(err)
	}
	held.pod.fence()
	if _, err := held.run("start", held.id); err == nil || !strings.Contains(err.Error(), "fenced") {
		t.Fatalf("start of a held container: %v", err)
	}
}

func TestKilledHolderIsReplacedByTheNextCreate(t *testing.T) {
	a, c := holdOne(t)
	syscall.Kill(c.holder, syscall.SIGKILL)
	c.exitStatus()
	again := c.pod.container("app") // even without a delete of the first in between
	again.start()
	if s := a.accept(); s.State != "held" || s.ContainerID != again.id {
		t.Fatalf("introduction %+v", s)
	}
	if _, err := c.run("delete", c.id); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Fatalf("delete of the first: %v", err) // containerd takes this answer for success
	}
	if _, err := os.Stat(c.group("memory")); err == nil {
		t.Fatal("the first container's cgroup is left")
	}
	if rec := c.pod.record("app"); rec["containerId"] != again.id {
		t.Fatalf("the delete of the first took the record of the second: %v", rec)
	}
}

func TestInstanceContainerGetsCriuOptionsAndSandboxNoMPTCP(t *testing.T) {
	p := newPod(t, "")
	p.container("app").start()
	conf, err := os.ReadFile(nodeDir + "/criu.conf")
	if err != nil || !strings.Contains(string(conf), "network-lock skip") || strings.Contains(string(conf), "leave-stopped") {
		t.Fatalf("criu.conf: %v %s", err, conf)
	}
	if _, err := os.Stat("/proc/sys/net/mptcp/enabled"); err != nil {
		t.Log("this kernel has no MPTCP")
		return
	}
	out, err := exec.Command("nsenter", "--net="+p.netns, "cat", "/proc/sys/net/mptcp/enabled").Output()
	if err != nil || strings.TrimSpace(string(out)) != "0" {
		t.Fatalf("net.mptcp.enabled: %v %s", err, out)
	}
}
