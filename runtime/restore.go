// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// restoreRun is one run of runc restore. It is started ahead of the images: the last thing that runc reads before
// it starts CRIU is descriptors.json, and that is a pipe here, at which runc waits for the word. So its own part,
// some 30 ms, is not in the freeze.
type restoreRun struct {
	pid      int
	done     bool
	workPath string
	pidFile  string
	pipe     string
	word     []byte   // what the dump's runc has written; nil until it is given
	writer   *os.File // of the pipe; nil until runc waits there
}

func (r *restoreRun) abort() {
	if !r.done {
		syscall.Kill(r.pid, syscall.SIGKILL)
	}
}

// awaitRunc opens the pipe, which is possible once runc waits there, or has ended without.
func (r *restoreRun) awaitRunc(waits chan<- *restoreRun) {
	r.writer, _ = os.OpenFile(r.pipe, os.O_WRONLY, 0)
	waits <- r
}

// speak passes the word, if it was given and runc waits for it.
func (r *restoreRun) speak() {
	if r.writer == nil || r.word == nil {
		return
	}
	go func(pipe *os.File) {
		pipe.Write(r.word)
		pipe.Close()
	}(r.writer)
	r.writer = nil
}

// close gives the pipe up without a word.
func (r *restoreRun) close() {
	if r.writer != nil {
		r.writer.Close()
		r.writer = nil
	}
}

// ended lets go of the pipe, also if runc has not waited there.
func (r *restoreRun) ended() {
	r.done = true
	r.close()
	if fd, err := syscall.Open(r.pipe, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0); err == nil {
		syscall.Close(fd)
	}
}

// prepare starts the restore of a container that is held, once runc may use its cgroup.
func (h *holder) prepare() {
	if h.rec.State != held || h.restore != nil || h.prepared == nil || !h.started || h.discarded {
		return
	}
	run, err := h.launch(*h.prepared)
	if err != nil {
		h.takeFiles() // it is tried again when it is asked for, and then a failure is told
		return
	}
	h.restore = run
}

// runcWaits follows what awaitRunc has found.
func (h *holder) runcWaits(run *restoreRun) {
	if run.done {
		run.close()
	}
	run.speak()
	h.takeFiles()
}

// takeFiles tells the agent that files may be written below the container's root. Before, runc has the volumes mounted
// there for a moment, where everyone sees them: what is meant for the layer would get into a volume.
func (h *holder) takeFiles() {
	if h.rec.State == held && !h.filesReady {
		h.filesReady = true
		h.link.publish(h.status())
	}
}

func (h *holder) startRestore(cmd command) {
	h.enter(restoring, "")
	descriptors, err := os.ReadFile(cmd.Descriptors)
	if err == nil && (h.restore == nil || h.restore.done) {
		h.restore, err = h.launch(cmd)
	}
	if err != nil {
		h.enter(failed, err.Error())
		return
	}
	h.restore.word = descriptors
	h.restore.speak()
}

func (h *holder) launch(cmd command) (*restoreRun, error) {
	if err := h.rec.Groups.vacate(os.Getpid()); err != nil {
		return nil, fmt.Errorf("leave the container's cgroup: %w", err)
	}
	if err := ensureFile(h.order.RestoreConf, restoreOptions(h.rec.Groups)); err != nil {
		return nil, err
	}
	for _, folder := range []string{cmd.ImagePath, cmd.WorkPath} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	run := &restoreRun{
		workPath: cmd.WorkPath, pidFile: filepath.Join(cmd.WorkPath, "init.pid"),
		pipe: filepath.Join(cmd.ImagePath, "descriptors.json"),
	}
	if err := syscall.Mkfifo(run.pipe, 0o600); err != nil && err != syscall.EEXIST {
		return nil, fmt.Errorf("pipe %s: %w", run.pipe, err)
	}
	p, err := os.StartProcess(h.order.RuncPath, h.runcArgs(cmd, run), &os.ProcAttr{
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},       // the container's own: runc hands them to it
		Sys:   &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}, // it may be waiting, for ever
	})
	if err != nil {
		return nil, err
	}
	run.pid = p.Pid
	p.Release()
	go run.awaitRunc(h.waits)
	return run, nil
}

func (h *holder) runcArgs(cmd command, run *restoreRun) []string {
	args := []string{"runc", "--root", h.rec.RuncRoot, "--log", filepath.Join(cmd.WorkPath, "runc.log"), "--log-format", "json"}
	if h.order.SystemdCgroup {
		args = append(args, "--systemd-cgroup")
	}
	args = append(args, "restore", "--detach", "--bundle", h.rec.Bundle, "--image-path", cmd.ImagePath,
		"--work-path", cmd.WorkPath, "--pid-file", run.pidFile)
	if h.order.NoPivot {
		args = append(args, "--no-pivot")
	}
	return append(args, h.rec.ContainerID)
}

// restored follows the end of runc restore.
func (h *holder) restored(code int) {
	h.restore.ended()
	if h.rec.State != restoring { // discarded meanwhile, or it could not even begin
		h.clearRestored()
		return
	}
	pid, err := readPID(h.restore.pidFile)
	if code == 0 && err == nil {
		// A later dump of the container reads the same file, and must not leave it stopped.
		err = ensureFile(h.order.RestoreConf, criuOptions)
	}
	if code != 0 || err != nil {
		problem := restoreProblem(h.restore.workPath, code, err)
		h.clearRestored()
		h.enter(failed, problem)
		return
	}
	h.rec.InitPID = pid
	h.enter(restored, "")
}

// clearRestored removes every trace of a restore, and says whether nothing of the function can run any more.
func (h *holder) clearRestored() bool {
	h.rec.InitPID = 0
	if !h.rec.Groups.kill(os.Getpid()) {
		return false
	}
	return h.rec.dropRuncState(h.order.RuncPath) == nil
}

func readPID(path string) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(data)))
}

// restoreProblem gathers what runc and CRIU said, since their files go with the migration.
func restoreProblem(workPath string, code int, err error) string {
	parts := []string{fmt.Sprintf("runc restore: exit status %d", code)}
	if err != nil && code == 0 {
		parts[0] = "runc restore: " + err.Error()
	}
	if msg := lastRuncError(filepath.Join(workPath, "runc.log")); msg != "" {
		parts = append(parts, msg)
	}
	return strings.Join(append(parts, lastErrors(filepath.Join(workPath, "restore.log"), 5)...), "; ")
}

func lastRuncError(path string) (msg string) {
	for line := range lines(path) {
		var entry struct{ Level, Msg string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Level == "error" {
			msg = strings.TrimSpace(entry.Msg)
		}
	}
	return msg
}

func lastErrors(path string, limit int) []string {
	var found []string
	for line := range lines(path) {
		if strings.Contains(line, "Error") {
			found = append(found, line)
		}
	}
	return found[max(0, len(found)-limit):]
}

func lines(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		f, err := os.Open(path)
		if err != nil {
			return
		}
		defer f.Close()
		for s := bufio.NewScanner(f); s.Scan(); {
			if !yield(s.Text()) {
				return
			}
		}
	}
}
