// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// attributesFile lies beside CRIU's images: what processes have set for themselves that CRIU does not dump.
const attributesFile = "carovana-attributes.json"

// What a thread has that has set nothing.
const (
	defaultSlack = "50000"
	defaultCore  = "00000033"
)

// attributes of a container. Threads and processes have the ids of their own namespace.
type attributes struct {
	Threads []thread
	Core    map[int]string // coredump_filter of processes
	Sockets []socketGroup
	Unix    map[uint64]unixSocket // unix sockets, by the numbers of their inodes
}

type thread struct {
	ID    int
	CPUs  []byte `json:",omitempty"` // affinity, if the thread may not run wherever the container may
	IO    uintptr
	Slack string `json:",omitempty"`
}

// readAttributes looks at a container that is frozen.
func readAttributes(folder, group string) error {
	all, own := attributes{Core: map[int]string{}}, ownCPUs(group)
	sockets := socketReader{seen: map[string]bool{}, groups: map[string]*socketGroup{}, unix: map[uint64]unixSocket{}}
	for _, pid := range pidsBelow(group) {
		tasks, err := taskIDs(pid)
		if err != nil {
			return err
		}
		for inner, tid := range tasks {
			if t := readThread(inner, tid, own); t.CPUs != nil || t.IO != 0 || t.Slack != "" {
				all.Threads = append(all.Threads, t)
			}
			if tid == pid {
				if filter := readText(pid, "coredump_filter"); filter != "" && filter != defaultCore {
					all.Core[inner] = filter
				}
				if err := sockets.read(pid, inner); err != nil {
					return err
				}
			}
		}
	}
	all.Sockets, all.Unix = sockets.all(), sockets.unix
	data, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(folder, "checkpoint", attributesFile), data, 0o600)
}

func readThread(inner, tid int, own []byte) thread {
	t := thread{ID: inner}
	if cpus := affinity(tid); !slices.Equal(cpus, own) {
		t.CPUs = cpus
	}
	if io, _, errno := syscall.Syscall(syscall.SYS_IOPRIO_GET, ioprioProcess, uintptr(tid), 0); errno == 0 {
		t.IO = io
	}
	if slack := readText(tid, "timerslack_ns"); slack != defaultSlack && slack != "0" { // of a real-time thread it is 0
		t.Slack = slack
	}
	return t
}

// setAttributes gives restored processes, which are stopped, what they had.
func setAttributes(images string, pids []int) error {
	var all attributes
	if err := readJSON(filepath.Join(images, attributesFile), &all); err != nil {
		return err
	}
	ids, err := innerIDs(pids)
	if err != nil {
		return err
	}
	for _, t := range all.Threads {
		if err := t.set(ids[t.ID]); err != nil {
			return fmt.Errorf("thread %d: %w", t.ID, err)
		}
	}
	for inner, filter := range all.Core {
		if err := writeText(ids[inner], "coredump_filter", "0x"+filter); err != nil {
			return err
		}
	}
	for _, group := range all.Sockets {
		if err := group.set(ids); err != nil {
			return err
		}
	}
	return nil
}

func (t thread) set(tid int) error {
	if len(t.CPUs) > 0 {
		_, _, errno := syscall.Syscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(tid), uintptr(len(t.CPUs)), uintptr(unsafe.Pointer(&t.CPUs[0])))
		if errno != 0 && errno != syscall.EINVAL { // EINVAL: the container has none of these processors here
			return fmt.Errorf("set the CPU affinity: %w", errno)
		}
	}
	if t.IO != 0 {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOPRIO_SET, ioprioProcess, uintptr(tid), t.IO); errno != 0 {
			return fmt.Errorf("set the I/O priority: %w", errno)
		}
	}
	if t.Slack != "" {
		return writeText(tid, "timerslack_ns", t.Slack)
	}
	return nil
}

const (
	ioprioProcess = 1
	cpuBytes      = 1024 // 8192 processors, as many as Linux can have
)

func affinity(tid int) []byte {
	mask := make([]byte, cpuBytes)
	n, _, errno := syscall.Syscall(syscall.SYS_SCHED_GETAFFINITY, uintptr(tid), cpuBytes, uintptr(unsafe.Pointer(&mask[0])))
	if errno != 0 {
		return nil
	}
	return trimZeros(mask[:n])
}

// trimZeros: kernels differ in how many processors they could have.
func trimZeros(mask []byte) []byte {
	for len(mask) > 8 && mask[len(mask)-1] == 0 {
		mask = mask[:len(mask)-1]
	}
	return append(mask, make([]byte, -len(mask)&7)...)
}

// ownCPUs are those on which the container may run.
func ownCPUs(group string) []byte {
	for dir := strings.Replace(group, "/freezer/", "/cpuset/", 1); len(dir) > len("/sys"); dir = filepath.Dir(dir) {
		for _, file := range []string{"cpuset.cpus.effective", "cpuset.effective_cpus"} {
			if data, err := os.ReadFile(filepath.Join(dir, file)); err == nil {
				return parseCPUs(strings.TrimSpace(string(data)))
			}
		}
	}
	data, _ := os.ReadFile("/sys/devices/system/cpu/online")
	return parseCPUs(strings.TrimSpace(string(data)))
}

// parseCPUs reads a list such as 0-3,8.
func parseCPUs(list string) []byte {
	mask := make([]byte, cpuBytes)
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(first)
		if err != nil {
			continue
		}
		to := from
		if isRange {
			to, _ = strconv.Atoi(last)
		}
		for cpu := from; cpu <= min(to, 8*cpuBytes-1); cpu++ {
			mask[cpu/8] |= 1 << (cpu % 8)
		}
	}
	return trimZeros(mask)
}

// innerIDs has the threads of a container: by their ids in their own namespace those of ours.
func innerIDs(pids []int) (map[int]int, error) {
	ids := map[int]int{}
	for _, pid := range pids {
		tasks, err := taskIDs(pid)
		if err != nil {
			return nil, err
		}
		maps.Copy(ids, tasks)
	}
	return ids, nil
}

// taskIDs has the threads of a process: by their ids in their own namespace those of ours.
func taskIDs(pid int) (map[int]int, error) {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil, err
	}
	ids := map[int]int{}
	for _, e := range entries {
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			return nil, err
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/status", pid, tid))
		if err != nil {
			return nil, err
		}
		_, rest, _ := strings.Cut(string(status), "\nNSpid:")
		line, _, _ := strings.Cut(rest, "\n")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			return nil, fmt.Errorf("/proc/%d/task/%d/status has no NSpid", pid, tid)
		}
		inner, err := strconv.Atoi(fields[len(fields)-1])
		if err != nil {
			return nil, err
		}
		ids[inner] = tid
	}
	return ids, nil
}

func readText(pid int, file string) string {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	return strings.TrimSpace(string(data))
}

func writeText(pid int, file, text string) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/%s", pid, file), []byte(text), 0)
}
