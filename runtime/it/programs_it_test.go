// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What programs have that is more than memory and open files: it is there after several moves.

// startOdd begins a container with a program of the workload's.
func startOdd(t *testing.T, kind string) *container {
	t.Helper()
	c := newPod(t, "").container("app", "/workload", "odd", kind, "/data")
	c.begin()
	return c
}

func (c *container) begin() {
	t := c.t
	t.Helper()
	c.start()
	eventually(t, "the source's count", func() bool { c.expectNoProblem(); return c.count() > 1 })
}

// move takes a container to a new pod, as the agents do.
func (c *container) move(t *testing.T) *container {
	t.Helper()
	dump := c.checkpoint()
	a, next := holdOne(t)
	dump.arrive(next.pod)
	a.restore(dump.image)
	a.expect("restored")
	a.resume()
	eventually(t, "the count to go on", func() bool { next.expectNoProblem(); return next.count() > dump.count })
	return next
}

func (c *container) expectNoProblem() {
	c.t.Helper()
	if problem, err := os.ReadFile(c.pod.data("app") + "/problem"); err == nil {
		c.t.Fatalf("the program says: %s", problem)
	}
	if processState(c.holder) == "Z" {
		<-c.copied
		c.t.Fatalf("the program has ended: %s", &c.stdout)
	}
}

func TestFileThatHasLostItsFirstNameMoves(t *testing.T) {
	c := startOdd(t, "renamed")
	for range 2 {
		source := c.pod.data("app")
		c = c.move(t)
		expectNoRemap(t, source)
		expectNoRemap(t, c.pod.data("app"))
		reached := c.number("second")
		eventually(t, "what is written to be in the file", func() bool { return c.number("second") > reached })
	}
}

func TestLargeFileWithoutANameMoves(t *testing.T) {
	startOdd(t, "unnamed").move(t).move(t)
}

func TestTimersThatWereDueAndNotReadGoOn(t *testing.T) {
	c := startOdd(t, "timers")
	for range 3 {
		c = c.move(t)
	}
	write(t, c.pod.data("app")+"/collect", "")
	eventually(t, "what was due once", func() bool { c.expectNoProblem(); return c.number("collected") == 1 })
}

func TestAttributesOfThreadsAndSocketsAreKept(t *testing.T) {
	startOdd(t, "attributes").move(t).move(t)
}

// expectNoRemap: nothing of CRIU's is left in a folder.
func expectNoRemap(t *testing.T, folder string) {
	t.Helper()
	entries, err := filepath.Glob(folder + "/*")
	if err != nil || len(entries) == 0 || strings.Contains(strings.Join(entries, " "), "remap") {
		t.Fatalf("%v in %s: %v", err, folder, entries)
	}
}
