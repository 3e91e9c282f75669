// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// heldVerb answers a verb for a container that a holder stands for. Once the container was resumed, runc
// knows it and answers; start and delete have something of their own to do even then.
func (w wrapper) heldVerb(c call, id string, rec record) error {
	switch {
	case c.verb == "start":
		return started(rec)
	case c.verb == "delete":
		return w.delete(c, rec)
	case rec.underRunc():
		return w.passThrough()
	case c.verb == "state":
		return printState(rec)
	case c.verb == "kill":
		return killHeld(c, rec)
	}
	return fmt.Errorf("container %s is held for migration %s (state %s)", id, rec.Migration, rec.State)
}

// started lets the holder out of the container's cgroup, now that the shim has seen it there. The
// container may have been restored and resumed already: that is no error either.
func started(rec record) error {
	if !rec.Holder.alive() {
		return errors.New("cannot start a container that has stopped")
	}
	if rec.State != held {
		return nil
	}
	if err := rec.Groups.vacate(rec.Holder.PID); err != nil {
		return err
	}
	rec.Holder.signal(startedNotice)
	return nil
}

func printState(rec record) error {
	status, pid := "running", rec.Holder.PID
	if !rec.Holder.alive() {
		status, pid = "stopped", 0
	}
	data, err := json.MarshalIndent(map[string]any{
		"ociVersion": rec.OCIVersion, "id": rec.ContainerID, "pid": pid, "status": status,
		"bundle": rec.Bundle, "rootfs": rec.Rootfs, "created": rec.Created, "owner": "",
	}, "", "  ")
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(data)
	return err
}

// killHeld ends the holder, and the container with it. There is nobody yet who could handle a signal, so
// every signal ends it, as it would a process that has no handler.
func killHeld(c call, rec record) error {
	sig := syscall.SIGTERM
	if len(c.positional) > 1 {
		var err error
		if sig, err = parseSignal(c.positional[1]); err != nil {
			return err
		}
	}
	if !rec.Holder.alive() {
		return errors.New("container not running")
	}
	switch sig {
	case 0:
		return nil
	case syscall.SIGKILL:
		rec.Holder.signal(killRequest)
		if rec.Holder.waitGone(2 * time.Second) {
			return nil
		}
		return endContainer(rec)
	}
	rec.Holder.signal(syscall.SIGTERM)
	return nil
}

var signalNames = map[string]syscall.Signal{
	"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT, "KILL": syscall.SIGKILL,
	"USR1": syscall.SIGUSR1, "USR2": syscall.SIGUSR2, "TERM": syscall.SIGTERM, "WINCH": syscall.SIGWINCH,
	"STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT, "ABRT": syscall.SIGABRT,
}

func parseSignal(text string) (syscall.Signal, error) {
	if n, err := strconv.Atoi(text); err == nil {
		return syscall.Signal(n), nil
	}
	if sig, ok := signalNames[strings.TrimPrefix(strings.ToUpper(text), "SIG")]; ok {
		return sig, nil
	}
	return 0, fmt.Errorf("unknown signal %q", text)
}

// endContainer makes sure that neither the holder nor anything it restored goes on. The holder goes
// first: while it lives it could still resume the container.
func endContainer(rec record) error {
	rec.Holder.signal(syscall.SIGKILL)
	if !rec.Holder.waitGone(5*time.Second) || !rec.Groups.kill() {
		return fmt.Errorf("container %s of migration %s does not end", rec.ContainerID, rec.Migration)
	}
	return nil
}

func (w wrapper) delete(c call, rec record) error {
	if rec.Holder.alive() && !c.force {
		if rec.underRunc() {
			return w.passThrough()
		}
		return fmt.Errorf("cannot delete container %s that is not stopped: held for migration %s", rec.ContainerID, rec.Migration)
	}
	if err := endContainer(rec); err != nil {
		return err
	}
	runc, err := w.runc()
	if err != nil {
		return err
	}
	if err := rec.dropRuncState(runc); err != nil {
		return err
	}
	rec.Groups.remove()
	return w.forget(rec)
}

// forget drops what belongs to this container id. A record that says more than "held" stays, since a
// later create of the same container depends on it; the agent removes it with the pod.
func (w wrapper) forget(rec record) error {
	if rec.State == held {
		path := w.node.recordPath(rec.PodUID, rec.Container)
		if now, err := readRecord(path); err == nil && now.ContainerID == rec.ContainerID && now.State == held {
			os.Remove(path)
		}
	}
	return os.Remove(w.node.idLink(rec.ContainerID))
}
