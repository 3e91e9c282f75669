// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"net"
	"path/filepath"
	"testing"
)

func TestLinkIntroducesItselfOnEachConnection(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "agent.sock")
	l := newAgentLink(socket, status{Version: protocol, Type: "container", State: held})
	for round, want := range []state{held, restored} {
		listener, err := net.Listen("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		reader := bufio.NewReader(conn)
		if s := readStatus(t, reader); s.State != want {
			t.Fatalf("round %d: %+v", round, s)
		}
		conn.Write([]byte(`{"type":"restore","imagePath":"/i","workPath":"/w","descriptors":"/d"}` + "\n"))
		if cmd := <-l.commands; cmd != (command{"restore", "/i", "/w", "/d"}) {
			t.Fatalf("%+v", cmd)
		}
		l.publish(status{State: restored})
		if s := readStatus(t, reader); s.State != restored {
			t.Fatalf("round %d: %+v", round, s)
		}
		conn.Close()
		listener.Close()
	}
}

func readStatus(t *testing.T, r *bufio.Reader) status {
	t.Helper()
	line, err := r.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var s status
	if err := json.Unmarshal(line, &s); err != nil {
		t.Fatal(err)
	}
	return s
}
