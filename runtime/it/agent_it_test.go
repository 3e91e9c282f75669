// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

type status struct {
	Version      int
	Type         string
	Migration    string
	PodUID       string
	PodNamespace string
	PodName      string
	Container    string
	ContainerID  string
	SandboxID    string
	Bundle       string
	Netns        string
	PID          int
	State        string
	Ready        bool
	InitPID      int
	Error        string
}

// agent plays the node's agent for one holder.
type agent struct {
	t        *testing.T
	listener net.Listener
	conn     net.Conn
	statuses chan status
}

func startAgent(t *testing.T) *agent {
	t.Helper()
	mkdir(t, nodeDir)
	path := filepath.Join(nodeDir, "agent.sock")
	os.Remove(path)
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	a := &agent{t: t, listener: l, statuses: make(chan status, 16)}
	t.Cleanup(a.stop)
	return a
}

// accept takes the holder's connection and returns the state it introduces itself with.
func (a *agent) accept() status {
	a.t.Helper()
	a.listener.(*net.UnixListener).SetDeadline(time.Now().Add(10 * time.Second * patience))
	conn, err := a.listener.Accept()
	if err != nil {
		a.t.Fatal(err)
	}
	a.conn = conn
	go func() {
		lines := bufio.NewScanner(conn)
		for lines.Scan() {
			var s status
			if json.Unmarshal(lines.Bytes(), &s) == nil {
				a.statuses <- s
			}
		}
	}()
	return a.next()
}

func (a *agent) next() status {
	a.t.Helper()
	select {
	case s := <-a.statuses:
		return s
	case <-time.After(20 * time.Second * patience):
		a.t.Fatal("the holder says nothing")
		return status{}
	}
}

func (a *agent) expect(state string) status {
	a.t.Helper()
	s := a.next()
	if s.State != state {
		a.t.Fatalf("state %q (%s), expected %q", s.State, s.Error, state)
	}
	return s
}

func (a *agent) send(cmd map[string]string) {
	a.t.Helper()
	line, _ := json.Marshal(cmd)
	if _, err := a.conn.Write(append(line, '\n')); err != nil {
		a.t.Fatal(err)
	}
}

func (a *agent) prepare(image string) {
	a.t.Helper()
	keepApart(a.t, image)
	a.send(map[string]string{"type": "prepare", "imagePath": image, "workPath": image + "-work"})
}

func (a *agent) describe(image string) {
	a.t.Helper()
	a.send(map[string]string{"type": "describe", "descriptors": keepApart(a.t, image)})
}

// expectReady waits for the word that runc waits.
func (a *agent) expectReady() {
	a.t.Helper()
	if s := a.expect("held"); !s.Ready {
		a.t.Fatalf("status %+v", s)
	}
}

func (a *agent) restore(image string) {
	a.t.Helper()
	a.send(map[string]string{"type": "restore", "imagePath": image, "workPath": image + "-work", "descriptors": keepApart(a.t, image)})
}

// keepApart takes out of a dump what the holder wants to be given.
func keepApart(t *testing.T, image string) string {
	t.Helper()
	inside, apart := filepath.Join(image, "descriptors.json"), image+"-descriptors.json"
	if info, err := os.Lstat(inside); err == nil && info.Mode().IsRegular() {
		if err := os.Rename(inside, apart); err != nil {
			t.Fatal(err)
		}
	}
	return apart
}

func (a *agent) stop() {
	a.listener.Close()
	if a.conn != nil {
		a.conn.Close()
	}
}
