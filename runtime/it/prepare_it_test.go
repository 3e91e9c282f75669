// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// expectWaiting checks that runc waits, and that the node sees nothing of what it has mounted.
func (c *container) expectWaiting(t *testing.T) {
	t.Helper()
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	if !c.waiting(t) || strings.Contains(string(mounts), c.id) {
		t.Fatalf("mounts:\n%s", mounts)
	}
}

// waiting says whether runc has done its part of a restore and waits for the images.
func (c *container) waiting(t *testing.T) bool {
	t.Helper()
	return slices.ContainsFunc(c.restoring(t), func(pid string) bool {
		mounts, _ := os.ReadFile("/proc/" + pid + "/mountinfo")
		return strings.Contains(string(mounts), c.id+"/criu-root")
	})
}

// prepareOne makes a held container whose restore waits for its images.
func prepareOne(t *testing.T) (*agent, *container, checkpoint) {
	t.Helper()
	source := checkpointed(t, 1)
	a, c := holdOne(t)
	source.arrive(c.pod)
	a.prepare(source.image)
	a.expectReady()
	c.expectWaiting(t)
	return a, c, source
}

// describeOne makes a held container for which CRIU waits.
func describeOne(t *testing.T) (*agent, *container, checkpoint) {
	t.Helper()
	a, c, source := prepareOne(t)
	a.describe(source.image)
	eventually(t, "CRIU to wait for its options", func() bool { return c.criu() != 0 && atPipe(c.criu()) })
	return a, c, source
}

// criu is the process that restores the container, once it is in the container's cgroup.
func (c *container) criu() int {
	for _, pid := range c.pids() {
		if name, _ := os.ReadFile("/proc/" + itoa(pid) + "/comm"); string(name) == "criu\n" {
			return pid
		}
	}
	return 0
}

func atPipe(pid int) bool {
	at, _ := os.ReadFile("/proc/" + itoa(pid) + "/wchan")
	return string(at) == "wait_for_partner"
}

func (c *container) expectNoTrace(t *testing.T) {
	t.Helper()
	eventually(t, "the waiting restore's end", func() bool { return len(c.restoring(t)) == 0 })
	if _, err := os.Stat(runcRoot + "/" + c.id); err == nil {
		t.Fatal("runc's state is left")
	}
	if _, err := os.Stat(c.bundle + "/rootfs/data"); err != nil {
		t.Fatalf("the root file system was touched: %v", err)
	}
}

func TestPreparedRestoreGoesOnWithTheImages(t *testing.T) {
	a, c, source := prepareOne(t)
	a.restore(source.image)
	a.expect("restored")
	if c.count() != source.count {
		t.Fatal("something ran before resume")
	}
	a.resume()
	c.expectRunning(source)
}

func TestRestoreIsPreparedOnceTheContainerIsStarted(t *testing.T) {
	source := checkpointed(t, 1)
	a := startAgent(t)
	c := newPod(t, "m1").container("app")
	if err := c.create(); err != nil {
		t.Fatal(err)
	}
	a.accept()
	a.prepare(source.image)
	c.must("start", c.id)
	a.expectReady()
	c.expectWaiting(t)
}

func TestCriuWaitsForTheWord(t *testing.T) {
	a, c, source := describeOne(t)
	c.expectWaiting(t)
	a.restore(source.image)
	a.expect("restored")
	for _, pid := range c.pids() {
		expectStopped(t, pid)
	}
	if c.count() != source.count {
		t.Fatal("something ran before resume")
	}
	a.resume()
	c.expectRunning(source)
	if second := c.checkpoint(); second.count <= source.count {
		t.Fatalf("count %d after %d", second.count, source.count)
	}
}

func TestRestoreThatIsNotWantedLeavesNothing(t *testing.T) {
	for name, made := range map[string]func(*testing.T) (*agent, *container, checkpoint){"runc waits": prepareOne, "CRIU waits": describeOne} {
		t.Run(name, func(t *testing.T) { expectNothingLeft(t, made) })
	}
}

func expectNothingLeft(t *testing.T, made func(*testing.T) (*agent, *container, checkpoint)) {
	a, c, source := made(t)
	a.send(map[string]string{"type": "discard"})
	if s := a.expect("failed"); s.Error != "discarded" {
		t.Fatalf("status %+v", s)
	}
	c.expectNoTrace(t)
	c.expectNothingRan(source)

	_, c, _ = made(t)
	c.must("kill", c.id, "KILL")
	if code := c.exitStatus(); code != 137 {
		t.Fatalf("exit status %d", code)
	}
	c.must("delete", c.id)
	c.expectNoTrace(t)
	c.expectGone(t)

	_, c, _ = made(t)
	syscall.Kill(c.holder, syscall.SIGKILL)
	c.exitStatus()
	c.must("delete", c.id)
	c.expectNoTrace(t)
	c.expectGone(t)
}

func TestPreparedRestoreThatFailsIsTriedAgain(t *testing.T) {
	a, c, source := prepareOne(t)
	for _, pid := range c.restoring(t) {
		command(t, "kill", "-KILL", pid)
	}
	c.eventuallyNoTrace(t)
	a.restore(source.image)
	a.expect("restored")
	a.resume()
	c.expectRunning(source)
}

func TestWaitingCriuThatIsKilledIsStartedAgain(t *testing.T) {
	a, c, source := describeOne(t)
	syscall.Kill(c.criu(), syscall.SIGKILL)
	c.eventuallyNoTrace(t)
	a.restore(source.image)
	a.expect("restored")
	a.resume()
	c.expectRunning(source)
}

// restoring are the holder's children: runc, until the holder has seen its end.
func (c *container) restoring(t *testing.T) []string {
	t.Helper()
	children, err := os.ReadFile("/proc/" + itoa(c.holder) + "/task/" + itoa(c.holder) + "/children")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Fields(string(children))
}

func (c *container) eventuallyNoTrace(t *testing.T) {
	t.Helper()
	eventually(t, "the killed restore to be cleared", func() bool {
		_, err := os.Stat(runcRoot + "/" + c.id)
		return err != nil && len(c.restoring(t)) == 0
	})
}
