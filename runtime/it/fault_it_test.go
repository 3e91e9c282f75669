// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFailedRestoreKeepsHoldingAndCanBeRepeated(t *testing.T) {
	source := checkpointed(t, 1)
	a, c := holdOne(t)
	source.arrive(c.pod)
	broken := t.TempDir() + "/broken"
	command(t, "cp", "-a", source.image, broken)
	if err := os.Truncate(broken+"/pstree.img", 9); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	a.restore(broken)
	s := a.expect("failed")
	t.Logf("failed after %v: %s", time.Since(began), s.Error)
	if !strings.Contains(s.Error, "runc restore") || !strings.Contains(s.Error, "Error (criu") {
		t.Fatalf("error %q", s.Error)
	}
	c.expectNothingRan(source)
	if processState(c.holder) == "gone" {
		t.Fatal("the holder ended")
	}
	a.restore(source.image)
	a.expect("restored")
	a.resume()
	c.expectRunning(source)
}

func TestAgentKilledBetweenRestoredAndResume(t *testing.T) {
	a, c, source, before := restoreOne(t)
	a.stop()
	b := startAgent(t)
	if s := b.accept(); s.State != "restored" || s.InitPID != before.InitPID {
		t.Fatalf("introduction %+v", s)
	}
	b.restore(source.image) // a repeated order does no harm
	b.expect("restored")
	b.resume()
	c.expectRunning(source)
}

func TestDiscardLeavesNothingAndIsFinal(t *testing.T) {
	a, c, source, _ := restoreOne(t)
	a.send(map[string]string{"type": "discard"})
	if s := a.expect("failed"); s.Error != "discarded" || s.InitPID != 0 {
		t.Fatalf("status %+v", s)
	}
	c.expectNothingRan(source)
	a.restore(source.image)
	if s := a.expect("failed"); s.Error != "discarded" {
		t.Fatalf("after a discard: %+v", s)
	}
	a.send(map[string]string{"type": "resume"})
	a.expect("failed")
	c.must("kill", c.id, "KILL")
	c.exitStatus()
	c.must("delete", c.id)
	if err := c.pod.container("app").create(); err == nil || !strings.Contains(err.Error(), "in doubt") {
		t.Fatalf("create after a discard: %v", err)
	}
}

func TestSecondCreateAfterResumeStartsCold(t *testing.T) {
	a, c, source, _ := restoreOne(t)
	a.resume()
	c.expectRunning(source)
	c.must("kill", c.id, "KILL")
	if code := c.exitStatus(); code != 137 {
		t.Fatalf("exit status %d", code)
	}
	c.must("delete", c.id)
	count := c.count()
	again := c.pod.container("app")
	again.start()
	eventually(t, "a count from zero", func() bool { return again.count() >= 0 && again.count() < count })
	if state := processState(again.holder); state == "gone" {
		t.Fatal("the container does not run")
	}
}

// The node was restarted after the move: nobody is left who would restore what is held.
func TestHeldContainerOfASettledMoveIsEndedAndStartsCold(t *testing.T) {
	a, c := holdOne(t)
	a.send(map[string]string{"type": "end"})
	if code := c.exitStatus(); code != 128+int(syscall.SIGTERM) {
		t.Fatalf("exit status %d", code)
	}
	c.must("delete", c.id)

	c.pod.migration = ""
	again := c.pod.container("app")
	again.start()
	eventually(t, "its count", func() bool { return again.count() > 0 })
}

func TestRestoredContainerIsNotEnded(t *testing.T) {
	a, c, source, _ := restoreOne(t)
	a.send(map[string]string{"type": "end"})
	a.expect("restored")
	a.resume()
	c.expectRunning(source)
}

func TestEphemeralContainerOfAMovedPodIsStarted(t *testing.T) {
	a, c, source, _ := restoreOne(t)
	a.resume()
	c.expectRunning(source)

	debugger := c.pod.container("debugger")
	debugger.start()

	eventually(t, "its count", func() bool { return debugger.count() > 0 })
}

func TestKillBeforeResumeEndsEverything(t *testing.T) {
	for _, sig := range []string{"TERM", "KILL"} {
		_, c, source, _ := restoreOne(t)
		c.must("kill", c.id, sig)
		c.exitStatus()
		c.expectNothingRan(source)
		c.must("delete", c.id)
		if c.pod.record("app")["state"] != "failed" {
			t.Fatalf("record %v", c.pod.record("app"))
		}
	}
}

func TestDeleteBeforeResumeEndsEverything(t *testing.T) {
	_, c, source, _ := restoreOne(t)
	c.must("delete", "--force", c.id)
	c.exitStatus()
	c.expectNothingRan(source)
	if err := c.pod.container("app").create(); err == nil || !strings.Contains(err.Error(), "in doubt") {
		t.Fatalf("create of a container that may have run: %v", err)
	}
}

func TestNothingOutlivesAKilledHolder(t *testing.T) {
	_, c, source, _ := restoreOne(t)
	syscall.Kill(c.holder, syscall.SIGKILL)
	c.exitStatus()
	c.must("delete", c.id)
	c.expectNothingRan(source)

	a, c, source, _ := restoreOne(t)
	a.resume()
	c.expectRunning(source)
	syscall.Kill(c.holder, syscall.SIGKILL)
	c.exitStatus()
	c.must("delete", c.id)
	if left := c.pids(); len(left) != 0 {
		t.Fatalf("processes %v run on", left)
	}
}

func TestRestoredInitThatEndsBeforeResume(t *testing.T) {
	a, c, _, s := restoreOne(t)
	syscall.Kill(s.InitPID, syscall.SIGKILL)
	a.expect("failed")
	if code := c.exitStatus(); code != 137 {
		t.Fatalf("exit status %d", code)
	}
}
