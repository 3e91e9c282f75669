// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process names a process for as long as the node is up: a pid alone is used again.
type process struct {
	PID     int    `json:"pid"`
	Started uint64 `json:"started"` // clock ticks since boot
}

func findProcess(pid int) (process, error) {
	_, started, err := procStat(pid)
	return process{pid, started}, err
}

// alive is false for a zombie too: it will not do anything any more.
func (p process) alive() bool {
	if p.PID == 0 {
		return false
	}
	status, started, err := procStat(p.PID)
	return err == nil && started == p.Started && status != 'Z' && status != 'X'
}

func procStat(pid int) (status byte, started uint64, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	// the command, in parentheses, may hold anything: count fields from its end
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 20 {
		return 0, 0, fmt.Errorf("/proc/%d/stat: %d fields", pid, len(fields))
	}
	started, err = strconv.ParseUint(string(fields[19]), 10, 64)
	return fields[0][0], started, err
}

func (p process) signal(sig syscall.Signal) {
	if p.alive() {
		syscall.Kill(p.PID, sig)
	}
}

// waitGone says whether the process ended within the time. It is nobody's child here, so it is polled.
func (p process) waitGone(limit time.Duration) bool {
	return poll(limit, func() bool { return !p.alive() })
}

func poll(limit time.Duration, done func() bool) bool {
	for deadline := time.Now().Add(limit); ; time.Sleep(2 * time.Millisecond) {
		if done() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

func readPID(path string) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(data)))
}
