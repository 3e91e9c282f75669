// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
)

const (
	// killRequest asks a holder to end as if by SIGKILL, which it could not answer by cleaning up.
	killRequest = syscall.SIGUSR1
	// startedNotice tells a holder that it was let out of the container's cgroup.
	startedNotice = syscall.SIGUSR2
)

const prSetChildSubreaper = 36

// holder stands for a container until its state arrives, then becomes the parent of the restored
// processes and passes their exit status on. One goroutine, loop, owns all of its fields.
type holder struct {
	node  node
	order holdOrder
	rec   record
	link  *agentLink

	started       bool     // by kubelet: the shim has seen the holder in the container's cgroup
	prepared      *command // what will be restored, if the agent has told it ahead
	restore       *restoreRun
	waits         chan *restoreRun // runc waits for the images, or has ended
	ready         bool
	streams       []*os.File // between containers, for the restore to take
	streamOptions string     // of CRIU's, for them
	discarded     bool       // for good: the agent has told the source that nothing ran here
	exits         map[int]int
}

func holdMain() int {
	runtime.LockOSThread() // a child whose parent is a thread that ends would be killed
	ready := os.NewFile(readyFD, "ready")
	h, err := newHolder()
	if err != nil {
		ready.WriteString(err.Error())
		return 1
	}
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	requests := make(chan os.Signal, 4)
	signal.Notify(requests, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP,
		killRequest, startedNotice)
	ready.WriteString(readyOK)
	ready.Close()
	h.link = newAgentLink(h.node.agentSocket(), h.status())
	return h.loop(children, requests)
}

func newHolder() (*holder, error) {
	order, err := readOrder()
	if err != nil {
		return nil, err
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0); errno != 0 {
		return nil, fmt.Errorf("become a subreaper: %w", errno)
	}
	if order.OOMScoreAdj != nil {
		// The shim's own score, which it would inherit, protects it too well. Lowering may be forbidden.
		os.WriteFile("/proc/self/oom_score_adj", []byte(strconv.Itoa(*order.OOMScoreAdj)), 0)
	}
	h := &holder{node: node{dir: order.Node}, order: order, rec: order.Record, waits: make(chan *restoreRun), exits: map[int]int{}}
	if h.rec.Holder, err = findProcess(os.Getpid()); err != nil {
		return nil, err
	}
	if err := h.rec.Groups.enter(h.rec.Groups.Container, os.Getpid()); err != nil {
		return nil, fmt.Errorf("enter the container's cgroup: %w", err)
	}
	return h, h.node.writeRecord(h.rec)
}

func (h *holder) loop(children, requests <-chan os.Signal) int {
	for {
		select {
		case <-children:
			h.reap()
			if code, ended := h.afterExits(); ended {
				return code
			}
		case sig := <-requests:
			if sig == startedNotice {
				h.started = true
				h.prepare()
				continue
			}
			if code, ended := h.end(sig.(syscall.Signal)); ended {
				return code
			}
		case run := <-h.waits:
			h.runcWaits(run)
		case cmd := <-h.link.commands:
			h.obey(cmd)
		}
	}
}

func (h *holder) obey(cmd command) {
	switch cmd.Type {
	case "prepare":
		h.prepared = &cmd
		h.prepare()
		return
	case "describe":
		h.describe(cmd)
		return
	case "restore":
		if (h.rec.State == held || h.rec.State == failed) && !h.discarded {
			h.startRestore(cmd)
			return
		}
	case "resume":
		if h.rec.State == restored {
			h.resume()
			return
		}
	case "discard":
		if h.rec.State != resumed {
			h.discard()
			return
		}
	case "end":
		if h.rec.State == held || h.rec.State == failed {
			syscall.Kill(os.Getpid(), syscall.SIGTERM) // as kubelet ends it: then that starts the container again
			return
		}
	default:
		return
	}
	if h.rec.State != restoring { // asked twice, or too late: say again where things stand
		h.link.publish(h.status())
	}
}

// enter writes the new state down, then tells the agent.
func (h *holder) enter(s state, problem string) {
	h.rec.State, h.rec.Error = s, problem
	if err := h.node.writeRecord(h.rec); err != nil && problem == "" {
		h.rec.Error = "write record: " + err.Error()
	}
	if s != restoring {
		h.link.publish(h.status())
	}
}

// resume lets the container run. The record comes first: from here on its images are consumed, and if
// the node's memory of it is lost in between, nobody may take them for fresh.
func (h *holder) resume() {
	h.rec.State = resumed
	if err := h.node.writeRecord(h.rec); err != nil {
		h.rec.State = restored
		h.rec.Error = "write record: " + err.Error()
		h.link.publish(h.status())
		return
	}
	for _, pid := range h.rec.Groups.pids() {
		syscall.Kill(pid, syscall.SIGCONT)
	}
	h.link.publish(h.status())
	closeStdio()
}

// closeStdio gives up the container's stdio, or nobody would see that the container closed its own.
func closeStdio() {
	if null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0); err == nil {
		for fd := range 3 {
			syscall.Dup3(int(null.Fd()), fd, 0)
		}
		null.Close()
	}
}

// discard ends what was restored. The holder stays, or kubelet would start the container cold. The source
// may go on after this answer, so "discarded" is said only when nothing is left.
func (h *holder) discard() {
	h.discarded = true
	if h.restore != nil && !h.clearRestored() {
		h.enter(failed, "discard: a restored process does not end")
		return
	}
	h.enter(failed, "discarded")
}

// end answers a signal. Only a resumed container can still do something with it.
func (h *holder) end(sig syscall.Signal) (code int, ended bool) {
	if sig == killRequest {
		sig = syscall.SIGKILL
	}
	if h.rec.State == resumed {
		syscall.Kill(h.rec.InitPID, sig)
		return 0, false
	}
	if h.restore != nil {
		h.endRestore()
		if h.rec.State != held {
			h.enter(failed, "killed before it was resumed")
		}
	}
	return 128 + int(sig), true
}

func (h *holder) reap() {
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, syscall.WNOHANG, nil)
		if err != nil || pid <= 0 {
			return
		}
		h.exits[pid] = exitCode(ws)
	}
}

func exitCode(ws syscall.WaitStatus) int {
	if ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}

// afterExits looks at the children that matter: the running restore, and the restored container's init.
func (h *holder) afterExits() (code int, ended bool) {
	if h.restore != nil && !h.restore.done {
		if code, ended := h.exits[h.restore.pid]; ended {
			h.restored(code)
		}
	}
	if h.rec.InitPID != 0 {
		if code, ended := h.exits[h.rec.InitPID]; ended {
			return h.initEnded(code), true
		}
	}
	if h.restore == nil || h.restore.done {
		clear(h.exits)
	}
	return 0, false
}

func (h *holder) initEnded(code int) int {
	if h.rec.State != resumed {
		h.rec.Groups.kill(os.Getpid())
		h.enter(failed, "the restored container ended before it was resumed")
	}
	return code
}

func (h *holder) status() status {
	r := h.rec
	return status{
		Version: protocol, Type: "container", Migration: r.Migration,
		PodUID: r.PodUID, PodNamespace: r.PodNamespace, PodName: r.PodName,
		Container: r.Container, ContainerID: r.ContainerID, SandboxID: r.SandboxID,
		Bundle: r.Bundle, Netns: r.Netns, PID: r.Holder.PID,
		State: r.State, Ready: h.ready, InitPID: r.InitPID, Error: r.Error,
	}
}
