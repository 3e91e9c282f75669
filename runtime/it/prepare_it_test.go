// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// expectWaiting checks that runc waits, and that it has undone what it mounted below the container's root.
func (c *container) expectWaiting(t *testing.T) {
	t.Helper()
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	if !c.waiting() || strings.Contains(string(mounts), " "+c.bundle+"/rootfs/") {
		t.Fatalf("mounts:\n%s", mounts)
	}
}

// waiting says whether runc has done its part of a restore and waits for the images.
func (c *container) waiting() bool {
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	return strings.Contains(string(mounts), c.id+"/criu-root")
}

// prepareOne makes a held container whose restore waits for its images.
func prepareOne(t *testing.T) (*agent, *container, checkpoint) {
	t.Helper()
	source := checkpointed(t, 1)
	a, c := holdOne(t)
	source.arrive(c.pod)
	a.prepare(source.image)
	a.expectFilesReady()
	c.expectWaiting(t)
	return a, c, source
}

func (c *container) expectNoTrace(t *testing.T) {
	t.Helper()
	eventually(t, "the waiting restore's end", func() bool { return !c.waiting() })
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
	a.expectFilesReady()
	c.expectWaiting(t)
}

func TestPreparedRestoreThatIsNotWantedLeavesNothing(t *testing.T) {
	a, c, source := prepareOne(t)
	a.send(map[string]string{"type": "discard"})
	if s := a.expect("failed"); s.Error != "discarded" {
		t.Fatalf("status %+v", s)
	}
	c.expectNoTrace(t)
	c.expectNothingRan(source)

	_, c, _ = prepareOne(t)
	c.must("kill", c.id, "KILL")
	if code := c.exitStatus(); code != 137 {
		t.Fatalf("exit status %d", code)
	}
	c.must("delete", c.id)
	c.expectNoTrace(t)
	c.expectGone(t)

	_, c, _ = prepareOne(t)
	syscall.Kill(c.holder, syscall.SIGKILL)
	c.exitStatus()
	c.must("delete", c.id)
	c.expectNoTrace(t)
	c.expectGone(t)
}

func TestPreparedRestoreThatFailsIsTriedAgain(t *testing.T) {
	a, c, source := prepareOne(t)
	runc, err := os.ReadFile("/proc/" + itoa(c.holder) + "/task/" + itoa(c.holder) + "/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range strings.Fields(string(runc)) {
		command(t, "kill", "-KILL", pid)
	}
	c.eventuallyNoTrace(t)
	a.restore(source.image)
	a.expect("restored")
	a.resume()
	c.expectRunning(source)
}

func (c *container) eventuallyNoTrace(t *testing.T) {
	t.Helper()
	eventually(t, "the killed restore to be cleared", func() bool {
		_, err := os.Stat(runcRoot + "/" + c.id)
		return err != nil && !c.waiting()
	})
}
