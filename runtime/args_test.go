// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseArgsOfTheShim(t *testing.T) {
	for _, test := range []struct {
		line string
		want call
	}{
		{
			"--root /run/containerd/runc/k8s.io --log /b/log.json --log-format json --systemd-cgroup create --bundle /b --pid-file /b/init.pid abc",
			call{root: "/run/containerd/runc/k8s.io", log: "/b/log.json", logFormat: "json", systemdCgroup: true,
				verb: "create", bundle: "/b", pidFile: "/b/init.pid", positional: []string{"abc"}},
		},
		{
			"--root=/r --log=/l create -b /b --no-pivot --console-socket /c --preserve-fds 2 abc",
			call{root: "/r", log: "/l", logFormat: "text", verb: "create", bundle: "/b", noPivot: true, console: "/c",
				positional: []string{"abc"}},
		},
		{"delete --force abc", call{root: "/run/runc", logFormat: "text", bundle: ".", verb: "delete", force: true, positional: []string{"abc"}}},
		{"kill --all abc 15", call{root: "/run/runc", logFormat: "text", bundle: ".", verb: "kill", positional: []string{"abc", "15"}}},
		{"start -- -abc", call{root: "/run/runc", logFormat: "text", bundle: ".", verb: "start", positional: []string{"-abc"}}},
		{"exec --process /tmp/p --detach --pid-file /p abc", call{root: "/run/runc", logFormat: "text", bundle: ".", verb: "exec",
			pidFile: "/p", positional: []string{"abc"}}},
		{"--version", call{root: "/run/runc", logFormat: "text", bundle: "."}},
		{"features", call{root: "/run/runc", logFormat: "text", bundle: ".", verb: "features"}},
	} {
		if got := parseArgs(strings.Fields(test.line)); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", test.line, got, test.want)
		}
	}
}

func TestParseSignal(t *testing.T) {
	for text, want := range map[string]int{"15": 15, "KILL": 9, "SIGTERM": 15, "sigint": 2, "0": 0} {
		if got, err := parseSignal(text); err != nil || int(got) != want {
			t.Errorf("%s: %d %v", text, got, err)
		}
	}
	if _, err := parseSignal("NONSENSE"); err == nil {
		t.Error("an unknown signal is accepted")
	}
}
