// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func testBundle(t *testing.T, config string) *bundle {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := readBundle(dir)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRewritingKeepsEveryOtherByte(t *testing.T) {
	b := testBundle(t, `{"ociVersion":"1.2.0","zeta":{"b":1.50,"a":"<&>\u00e9"},"big":12345678901234567890,`+
		`"annotations":{"x":"1"},"linux":{"new":[ 1,2 ],"cgroupsPath":"/old"},"alpha":null}`)
	if err := b.setAnnotation("org.criu.config", "/c<d"); err != nil {
		t.Fatal(err)
	}
	if err := b.setCgroupsPath("/new"); err != nil {
		t.Fatal(err)
	}
	if err := b.write(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(b.dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"ociVersion":"1.2.0","zeta":{"b":1.50,"a":"<&>\u00e9"},"big":12345678901234567890,` +
		`"annotations":{"x":"1","org.criu.config":"/c<d"},"linux":{"new":[ 1,2 ],"cgroupsPath":"/new"},"alpha":null}`
	if string(got) != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
}

func TestMPTCPIsSwitchedOffOncePerSandbox(t *testing.T) {
	for _, test := range []struct {
		name, linux, want string
		changed           bool
	}{
		{"own network", `{"namespaces":[{"type":"network"}]}`, `"sysctl":{"net.mptcp.enabled":"0"}`, true},
		{"other sysctl", `{"sysctl":{"a":"1"},"namespaces":[{"type":"network"}]}`, `"sysctl":{"a":"1","net.mptcp.enabled":"0"}`, true},
		{"chosen", `{"sysctl":{"net.mptcp.enabled":"1"},"namespaces":[{"type":"network"}]}`, `"net.mptcp.enabled":"1"`, false},
		{"node's network", `{"namespaces":[{"type":"pid"}]}`, `"pid"`, false},
	} {
		b := testBundle(t, `{"linux":`+test.linux+`}`)
		changed, err := b.disableMPTCP()
		if err != nil || changed != test.changed || !strings.Contains(string(b.raw.bytes()), test.want) {
			t.Errorf("%s: %v %v %s", test.name, changed, err, b.raw.bytes())
		}
	}
}

func TestCgroupMountIsSpelledOut(t *testing.T) {
	b := testBundle(t, `{"mounts":[{"destination":"/proc","type":"proc","source":"proc"},`+
		`{"destination":"/sys/fs/cgroup","type":"cgroup","source":"cgroup","options":["ro"]}]}`)
	// folders that are no cgroup hierarchies, so that the test needs none: only the tmpfs is left
	if err := b.bindCgroups([]string{t.TempDir()}, "/pod/x"); err != nil {
		t.Fatal(err)
	}
	var mounts []mount
	if err := json.Unmarshal(b.raw.values["mounts"], &mounts); err != nil {
		t.Fatal(err)
	}
	if len(mounts) != 2 || mounts[1].Type != "tmpfs" || mounts[1].Destination != "/sys/fs/cgroup" ||
		strings.Join(mounts[1].Options, ",") != "ro,mode=755" {
		t.Fatalf("mounts %+v", mounts)
	}
}

func TestBrokenObjectsAreRefused(t *testing.T) {
	for _, text := range []string{`[]`, `{"a":`, `{"a" 1}`, `x`} {
		if _, err := parseObject([]byte(text)); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestSparedMountsAreAsTheBundleHasThem(t *testing.T) {
	dir := t.TempDir()
	b := testBundle(t, `{"mounts":[{"destination":"/proc","type":"proc"},`+
		`{"destination":"/dev","type":"tmpfs","options":["nosuid","strictatime","mode=755","size=65536k"]},`+
		`{"destination":"/dev/pts","type":"devpts"},{"destination":"/dev/shm","type":"bind","source":"`+dir+`"},`+
		`{"destination":"/dev/termination-log","type":"bind"},`+
		`{"destination":"/data","type":"tmpfs"}],"linux":{"maskedPaths":["/proc/acpi"],"mountLabel":"system_u:c1,c2"}}`)
	b.spec.Mounts[4].Source = filepath.Join(b.dir, "config.json")
	all := b.spare(groups{Unified: true})
	if len(all) != 2 || all[0].Destination != "/dev" || all[1].Destination != "/proc/acpi" {
		t.Fatalf("spared: %+v", all)
	}
	dev := all[0]
	if dev.Flags != syscall.MS_NOSUID|syscall.MS_STRICTATIME || dev.Data != `mode=755,size=65536k,context="system_u:c1,c2"` {
		t.Errorf("/dev is mounted with flags %x and options %s", dev.Flags, dev.Data)
	}
	if !slices.Equal(dev.Folders, []string{"pts", "shm"}) || !slices.Equal(dev.Files, []string{"termination-log"}) {
		t.Errorf("mounts below /dev: folders %v, files %v", dev.Folders, dev.Files)
	}
}
