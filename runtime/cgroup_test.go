// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"
	"testing"
)

func TestCgroupFolder(t *testing.T) {
	for _, test := range []struct {
		path    string
		systemd bool
		want    string
	}{
		{"/kubepods/burstable/pod1/abc", false, "/kubepods/burstable/pod1/abc"},
		{"kubepods-burstable-pod1.slice:cri-containerd:abc", true,
			"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-abc.scope"},
		{"system.slice:runc:abc", true, "/system.slice/runc-abc.scope"},
		{"relative", false, ""},
		{"/not/systemd", true, ""},
	} {
		got, err := cgroupFolder(test.path, test.systemd)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: %s %v", test.path, got, err)
		}
	}
}

func TestDriverThatDiffersIsNamed(t *testing.T) {
	slice := "kubepods-burstable-pod1.slice:cri-containerd:abc"
	if _, err := cgroupFolder(slice, false); err == nil || !strings.Contains(err.Error(), "set SystemdCgroup = true") {
		t.Errorf("%v", err)
	}
	if _, err := cgroupFolder("/kubepods/pod1/abc", true); err == nil || !strings.Contains(err.Error(), "remove SystemdCgroup = true") {
		t.Errorf("%v", err)
	}
}

func TestProcessIsKnownByItsStart(t *testing.T) {
	self, err := findProcess(os.Getpid())
	if err != nil || !self.alive() {
		t.Fatalf("%+v %v", self, err)
	}
	self.Started++
	if self.alive() || (process{}).alive() {
		t.Fatal("another process with the same pid is taken for it")
	}
}
