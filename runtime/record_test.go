// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func testRecord() record {
	return record{State: held, Migration: "m1", PodUID: "uid", PodName: "cart-2", Container: "app", ContainerID: "abc",
		Created: time.Unix(1, 0).UTC(), Groups: groups{Mounts: []string{"/m"}, Container: "/c"}}
}

func TestRecordIsFoundByContainerID(t *testing.T) {
	n := node{dir: t.TempDir()}
	rec := testRecord()
	if err := n.writeRecord(rec); err != nil {
		t.Fatal(err)
	}
	if err := n.link(rec); err != nil {
		t.Fatal(err)
	}
	id, found := n.findRecord([]string{"../x", "15", "abc"})
	if id != "abc" || !reflect.DeepEqual(*found, rec) {
		t.Fatalf("%s %+v", id, found)
	}
	rec.ContainerID = "def" // the next container of that name took the record over
	if err := n.writeRecord(rec); err != nil {
		t.Fatal(err)
	}
	if _, found := n.findRecord([]string{"abc"}); found != nil {
		t.Fatalf("another container's record: %+v", found)
	}
	left, _ := filepath.Glob(n.podDir("uid") + "/*.tmp")
	if len(left) > 0 {
		t.Fatalf("left over: %v", left)
	}
}

func TestForgetKeepsWhatALaterCreateDependsOn(t *testing.T) {
	for _, s := range []state{held, restoring, restored, resumed, failed} {
		w := wrapper{node: node{dir: t.TempDir()}}
		rec := testRecord()
		rec.State = s
		if err := w.node.writeRecord(rec); err != nil {
			t.Fatal(err)
		}
		if err := w.node.link(rec); err != nil {
			t.Fatal(err)
		}
		if err := w.forget(rec); err != nil {
			t.Fatal(err)
		}
		_, err := os.Stat(w.node.recordPath("uid", "app"))
		if gone := os.IsNotExist(err); gone != (s == held) {
			t.Errorf("%s: record gone: %v", s, gone)
		}
	}
}

func TestNamesThatWouldLeaveTheFolder(t *testing.T) {
	for name, want := range map[string]bool{"app": true, "a.b_c-1": true, "": false, "..": false, "a/b": false, ".x": false, "-x": false} {
		if plainName(name) != want {
			t.Errorf("%q", name)
		}
	}
}

func TestFenceIsSeenForRuncsOwnContainers(t *testing.T) {
	w := wrapper{node: node{dir: t.TempDir()}}
	root := t.TempDir()
	state := `{"config":{"labels":["bundle=/b","` + criContainerType + `=container","` + criSandboxUID + `=uid","` +
		criSandboxNS + `=functions","` + criSandboxName + `=cart-1"]}}`
	for path, text := range map[string]string{root + "/abc/state.json": state, w.node.podDir("uid") + "/fenced": ""} {
		os.MkdirAll(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := w.checkFence(call{root: root, positional: []string{"abc"}})
	if err == nil || !strings.Contains(err.Error(), "functions/cart-1 is fenced") {
		t.Fatal(err)
	}
	if err := w.checkFence(call{root: root, positional: []string{"other"}}); err != nil {
		t.Fatal(err)
	}
}

func TestErrorsReadLikeRuncs(t *testing.T) {
	var entry struct{ Level, Msg, Time string }
	if err := json.Unmarshal(logLine("json", `say "no"`, time.Unix(0, 0)), &entry); err != nil {
		t.Fatal(err)
	}
	if entry.Level != "error" || entry.Msg != `say "no"` || entry.Time == "" {
		t.Fatalf("%+v", entry)
	}
	if line := string(logLine("text", "no", time.Unix(0, 0))); !strings.Contains(line, `level=error msg="no"`) {
		t.Fatal(line)
	}
}

func TestErrorsOfARestoreAreGathered(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(dir+"/runc.log", []byte(`{"level":"warning","msg":"x"}`+"\n"+`{"level":"error","msg":"criu failed"}`+"\n"), 0o600)
	os.WriteFile(dir+"/restore.log", []byte("fine\n1 Error (a)\n2 Error (b)\n3 Error (c)\n4 Error (d)\n5 Error (e)\n6 Error (f)\n"), 0o600)
	got := restoreProblem(dir, 1, nil)
	if got != "runc restore: exit status 1; criu failed; 2 Error (b); 3 Error (c); 4 Error (d); 5 Error (e); 6 Error (f)" {
		t.Fatal(got)
	}
}
