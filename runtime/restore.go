// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// restoreRun is one run of runc restore. It is started ahead of the images, and stopped twice by a pipe in place of a
// file. The last thing that runc reads before it starts CRIU is descriptors.json: it is known before the source freezes.
// The first thing that CRIU reads, once runc has put it into the container's cgroup, are its options: they are the word to
// restore. So what is runc's, some 30 ms, and CRIU's start, some 10 ms, are not in the freeze.
type restoreRun struct {
	pid      int
	done     bool
	workPath string
	pidFile  string
	pipe     string
	word     []byte   // what the dump's runc has written; nil until it is given
	writer   *os.File // of the pipe; nil until runc waits there
	options  string   // the other pipe
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

// goOn gives CRIU its options, as soon as it waits for them. Nobody else opens that pipe: without options CRIU would
// restore all the same, and not leave stopped what it has restored.
func (r *restoreRun) goOn(options string) {
	go func() {
		if pipe, err := os.OpenFile(r.options, os.O_WRONLY, 0); err == nil {
			pipe.WriteString(options)
			pipe.Close()
		}
	}()
}

// close gives the pipe up without a word.
func (r *restoreRun) close() {
	if r.writer != nil {
		r.writer.Close()
		r.writer = nil
	}
}

// ended lets go of the pipes, also if nobody has waited there.
func (r *restoreRun) ended() {
	r.done = true
	r.close()
	for _, pipe := range []string{r.pipe, r.options} {
		if fd, err := syscall.Open(pipe, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0); err == nil {
			syscall.Close(fd)
		}
	}
}

// makePipe makes a new named pipe in place of whatever has the name.
func makePipe(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return fmt.Errorf("pipe %s: %w", path, err)
	}
	return nil
}

// prepare starts the restore of a container that is held, once runc may use its cgroup.
func (h *holder) prepare() {
	if h.rec.State != held || h.restore != nil || h.prepared == nil || !h.started || h.discarded {
		return
	}
	run, err := h.launch(*h.prepared)
	if err != nil {
		h.sayReady() // it is tried again when it is asked for, and then a failure is told
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
	h.sayReady()
}

// sayReady tells the agent that what can be done ahead is done: the freeze need not wait for it.
func (h *holder) sayReady() {
	if h.rec.State == held && !h.ready {
		h.ready = true
		h.link.publish(h.status())
	}
}

// describe lets runc go on to CRIU, which waits then. A restore that cannot take it is given it again later.
func (h *holder) describe(cmd command) {
	if h.rec.State != held || h.discarded || h.restore == nil || h.restore.done || h.restore.word != nil {
		return
	}
	if descriptors, err := os.ReadFile(cmd.Descriptors); err == nil {
		h.restore.word = descriptors
		h.restore.speak()
	}
}

func (h *holder) startRestore(cmd command) {
	h.enter(restoring, "")
	descriptors, err := os.ReadFile(cmd.Descriptors)
	if err == nil {
		err = errors.Join(mendFiles(cmd.ImagePath, h.order.Volumes, h.order.Claims), h.inherit(cmd))
	}
	if err == nil && (h.restore == nil || h.restore.done) {
		h.restore, err = h.launch(cmd)
	}
	if err != nil {
		h.enter(failed, err.Error())
		return
	}
	h.restore.goOn(h.restoreOptions())
	if h.restore.word == nil {
		h.restore.word = descriptors
		h.restore.speak()
	}
}

func (h *holder) launch(cmd command) (*restoreRun, error) {
	if err := h.rec.Groups.vacate(os.Getpid()); err != nil {
		return nil, fmt.Errorf("leave the container's cgroup: %w", err)
	}
	for _, folder := range []string{cmd.ImagePath, cmd.WorkPath} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	run := &restoreRun{
		workPath: cmd.WorkPath, pidFile: filepath.Join(cmd.WorkPath, "init.pid"),
		pipe: filepath.Join(cmd.ImagePath, "descriptors.json"), options: h.order.RestoreConf,
	}
	for _, pipe := range []string{run.pipe, run.options} {
		if err := makePipe(pipe); err != nil {
			return nil, err
		}
	}
	order, err := json.Marshal(restoreOrder{
		Runc: h.order.RuncPath, Args: h.runcArgs(cmd, run), Log: runcLog(cmd.WorkPath),
		Folder: sparedFolder(cmd.WorkPath), Spared: h.order.Spared,
	})
	if err != nil {
		return nil, err
	}
	p, err := os.StartProcess("/proc/self/exe", []string{"carovana-runc", restoreVerb, string(order)}, &os.ProcAttr{
		Files: inheriting(h.streams),
		Sys:   &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}, // it may be waiting, for ever
	})
	if err != nil {
		return nil, err
	}
	h.closeStreams()
	run.pid = p.Pid
	p.Release()
	go run.awaitRunc(h.waits)
	return run, nil
}

func runcLog(workPath string) string      { return filepath.Join(workPath, "runc.log") }
func sparedFolder(workPath string) string { return filepath.Join(workPath, "mounts") }

func (h *holder) runcArgs(cmd command, run *restoreRun) []string {
	args := []string{"runc", "--root", h.rec.RuncRoot, "--log", runcLog(cmd.WorkPath), "--log-format", "json"}
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
		err = h.complete(pid)
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

// complete gives a restored container, which is stopped, what it has not got from CRIU, or says what it lacks.
func (h *holder) complete(pid int) error {
	if err := checkConfined(pid, h.order.AppArmorProfile); err != nil {
		return err
	}
	if err := setAttributes(filepath.Dir(h.restore.pipe), h.rec.Groups.pids()); err != nil {
		return err
	}
	// A later dump of the container reads the same file, and must neither wait there nor leave it stopped.
	return writeFile(h.order.RestoreConf, []byte(criuOptions), 0o600)
}

// clearRestored removes every trace of a restore, and says whether nothing of the function can run any more.
func (h *holder) clearRestored() bool {
	h.rec.InitPID = 0
	return h.endRestore() && h.rec.dropRuncState(h.order.RuncPath) == nil
}

// endRestore ends runc, CRIU and what they have restored, and says whether all are gone. CRIU does not end with runc, and
// is the holder's child then; for a moment it is in no cgroup of the container.
func (h *holder) endRestore() bool {
	if !h.restore.done {
		syscall.Kill(h.restore.pid, syscall.SIGKILL)
		poll(5*time.Second, func() bool {
			h.reap()
			_, ended := h.exits[h.restore.pid]
			return ended
		})
	}
	for _, pid := range ownChildren() {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	return h.rec.Groups.kill(os.Getpid())
}

func ownChildren() (pids []int) {
	tasks, _ := filepath.Glob("/proc/self/task/*/children")
	for _, task := range tasks {
		data, _ := os.ReadFile(task)
		for field := range strings.FieldsSeq(string(data)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// restoreProblem gathers what runc and CRIU said, since their files go with the migration.
func restoreProblem(workPath string, code int, err error) string {
	parts := []string{fmt.Sprintf("runc restore: exit status %d", code)}
	if err != nil && code == 0 {
		parts[0] = "runc restore: " + err.Error()
	}
	if msg := lastRuncError(runcLog(workPath)); msg != "" {
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
