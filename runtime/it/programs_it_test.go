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
	if problem, err := os.ReadFile(c.pod.data(c.name) + "/problem"); err == nil {
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

// expectKept waits until what the program has open shows a text.
func (c *container) expectKept(text string) {
	c.t.Helper()
	eventually(c.t, "the open file to be "+text, func() bool {
		kept, _ := os.ReadFile(c.pod.data(c.name) + "/kept")
		return string(kept) == text
	})
}

func TestOpenFileThatKubeletHasWrittenIsThatOfTheNewPod(t *testing.T) {
	c := startOdd(t, "configured")
	for range 2 {
		c.expectKept("of " + c.pod.name)
		c = c.move(t)
	}
	c.expectKept("of " + c.pod.name)
}

func TestOpenFileThatKubeletHasReplacedMovesWithItsContent(t *testing.T) {
	c := startOdd(t, "configured")
	text := "of " + c.pod.name
	c.pod.writeConfig("something else")
	c.expectKept(text)

	c = c.move(t)

	c.expectKept(text)
	if folders, err := filepath.Glob(c.pod.config() + "/..2*"); err != nil || len(folders) != 1 {
		t.Fatalf("%v, and what kubelet has written at the destination: %v", err, folders)
	}
}

// expectNoRemap: nothing of CRIU's is left in a folder.
func expectNoRemap(t *testing.T, folder string) {
	t.Helper()
	entries, err := filepath.Glob(folder + "/*")
	if err != nil || len(entries) == 0 || strings.Contains(strings.Join(entries, " "), "remap") {
		t.Fatalf("%v in %s: %v", err, folder, entries)
	}
}
