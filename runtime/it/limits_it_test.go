// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const mebibyte = 1 << 20

// tightPod is a pod with one container that has little memory and processes, and no more for both together.
func tightPod(t *testing.T, migration string) *container {
	t.Helper()
	p := newPod(t, migration)
	config := containerConfig(p, "app", "tight"+p.name, list{"/workload", "odd", "tight", "/data"})
	config["linux"].(object)["resources"].(object)["memory"] = object{"limit": 64 * mebibyte}
	config["linux"].(object)["resources"].(object)["pids"] = object{"limit": 24}
	config["linux"].(object)["resources"].(object)["cpu"] = object{"quota": 50000, "period": 100000}
	c := p.add("tight"+p.name, config)
	c.name = "app"
	if err := os.WriteFile(c.podMemoryLimit(), []byte(itoa(66*mebibyte)), 0); err != nil {
		t.Fatal(err)
	}
	return c
}

func memoryLimit() string {
	if unified {
		return "memory.max"
	}
	return "memory.limit_in_bytes"
}

func (c *container) podMemoryLimit() string {
	return filepath.Join(filepath.Dir(c.group("memory")), memoryLimit())
}

// limitsNow has the limits of the container, and of the pod, by their files.
func (c *container) limitsNow() map[string]string {
	c.t.Helper()
	found := map[string]string{}
	files := map[string]string{"memory": memoryLimit(), "pids": "pids.max", "cpu": "cpu.cfs_quota_us"}
	if unified {
		files["cpu"] = "cpu.max"
	}
	for controller, name := range files {
		for level, folder := range map[string]string{"container": c.ownGroup(controller), "pod": filepath.Dir(c.group(controller))} {
			data, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				c.t.Fatal(err)
			}
			found[level+" "+name] = strings.TrimSpace(string(data))
		}
	}
	return found
}

func expectLimits(t *testing.T, level string, now, before map[string]string) {
	t.Helper()
	for file, value := range before {
		if strings.HasPrefix(file, level) && now[file] != value {
			t.Errorf("%s is %s, before %s", file, now[file], value)
		}
	}
}

func TestContainerWithNoMemoryLeftMovesWithinItsLimits(t *testing.T) {
	if !limits {
		t.Skip("no limits on this machine")
	}
	c := tightPod(t, "")
	c.begin()
	before := c.limitsNow()
	for range 2 {
		dump := c.checkpoint()
		a := startAgent(t)
		c = tightPod(t, "m1")
		c.start()
		a.accept()
		dump.arrive(c.pod)
		a.restore(dump.image)
		a.expect("restored")
		expectLimits(t, "container", c.limitsNow(), before)
		a.resume()
		expectLimits(t, "", c.limitsNow(), before)
		eventually(t, "the count to go on", func() bool { c.expectNoProblem(); return c.count() > dump.count })
	}
}

func TestLimitsOfThePodAreSetAgainWhenARestoreIsDiscarded(t *testing.T) {
	if !limits {
		t.Skip("no limits on this machine")
	}
	source := tightPod(t, "")
	source.begin()
	dump := source.checkpoint()
	a := startAgent(t)
	c := tightPod(t, "m1")
	c.start()
	a.accept()
	before := readNumber(t, c.podMemoryLimit())
	dump.arrive(c.pod)
	a.restore(dump.image)
	a.expect("restored")
	a.send(map[string]string{"type": "discard"})
	a.expect("failed")
	if now := readNumber(t, c.podMemoryLimit()); now != before || before != 66*mebibyte {
		t.Fatalf("the pod's limit is %d, before %d", now, before)
	}
}
