// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"net"
	"sync"
	"time"
)

// status is what a holder tells the agent, whole each time.
type status struct {
	Version      int    `json:"version"`
	Type         string `json:"type"`
	Migration    string `json:"migration"`
	PodUID       string `json:"podUid"`
	PodNamespace string `json:"podNamespace"`
	PodName      string `json:"podName"`
	Container    string `json:"container"`
	ContainerID  string `json:"containerId"`
	SandboxID    string `json:"sandboxId"`
	Bundle       string `json:"bundle"`
	Netns        string `json:"netns"`
	PID          int    `json:"pid"`
	State        state  `json:"state"`
	Ready        bool   `json:"ready"` // whether what can be done ahead is done
	InitPID      int    `json:"initPid"`
	Error        string `json:"error"`
}

// command is what the agent asks for.
type command struct {
	Type        string `json:"type"` // prepare, describe, restore, resume, discard or end
	ImagePath   string `json:"imagePath"`
	WorkPath    string `json:"workPath"`
	Descriptors string `json:"descriptors"` // of describe and restore: the dump's descriptors.json, which is not among the images
}

const (
	minBackoff = 50 * time.Millisecond
	maxBackoff = time.Second
)

// agentLink keeps a connection to the agent, which may be absent, or be restarted at any time.
type agentLink struct {
	socket   string
	commands chan command

	mu     sync.Mutex
	conn   net.Conn
	latest []byte
}

func newAgentLink(socket string, first status) *agentLink {
	l := &agentLink{socket: socket, commands: make(chan command)}
	l.latest = encode(first)
	go l.run()
	return l
}

func encode(s status) []byte {
	line, _ := json.Marshal(s)
	return append(line, '\n')
}

// publish sends the new status now if the agent is there, and on every later connection.
func (l *agentLink) publish(s status) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.latest = encode(s)
	l.send()
}

func (l *agentLink) send() {
	if l.conn == nil {
		return
	}
	l.conn.SetWriteDeadline(time.Now().Add(time.Second)) // an agent that hangs must not hang the holder
	if _, err := l.conn.Write(l.latest); err != nil {
		l.conn.Close()
	}
}

func (l *agentLink) run() {
	for wait := minBackoff; ; wait = min(2*wait, maxBackoff) {
		if conn, err := net.Dial("unix", l.socket); err == nil {
			if l.serve(conn) {
				wait = minBackoff
			}
		}
		time.Sleep(wait)
	}
}

// serve says whether the agent has spoken: an agent that only hangs up is retried ever more slowly.
func (l *agentLink) serve(conn net.Conn) (spoken bool) {
	defer conn.Close()
	l.mu.Lock()
	l.conn = conn
	l.send()
	l.mu.Unlock()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		var cmd command
		if json.Unmarshal(lines.Bytes(), &cmd) != nil {
			break
		}
		spoken = true
		l.commands <- cmd
	}
	l.mu.Lock()
	l.conn = nil
	l.mu.Unlock()
	return spoken
}
