// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// state of a held container. It only moves forward, and is written before what it announces is done.
type state string

const (
	held      state = "held"
	restoring state = "restoring"
	restored  state = "restored" // in memory, every process stopped: no instruction of the function has run
	resumed   state = "resumed"
	failed    state = "failed"
)

// record is what survives the holder: it decides what a later create of the same container may do.
type record struct {
	State        state     `json:"state"`
	Error        string    `json:"error,omitempty"`
	Migration    string    `json:"migration"`
	PodUID       string    `json:"podUid"`
	PodNamespace string    `json:"podNamespace"`
	PodName      string    `json:"podName"`
	Container    string    `json:"container"`
	ContainerID  string    `json:"containerId"`
	SandboxID    string    `json:"sandboxId"`
	Bundle       string    `json:"bundle"`
	Rootfs       string    `json:"rootfs"`
	Netns        string    `json:"netns"`
	OCIVersion   string    `json:"ociVersion"`
	RuncRoot     string    `json:"runcRoot"`
	Created      time.Time `json:"created"`
	Holder       process   `json:"holder"`
	InitPID      int       `json:"initPid"`
	Groups       groups    `json:"cgroups"`
}

// dropRuncState makes runc forget a container of which nothing runs.
func (r record) dropRuncState(runc string) error {
	dir := filepath.Join(r.RuncRoot, r.ContainerID)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if out, err := exec.Command(runc, "--root", r.RuncRoot, "delete", "--force", r.ContainerID).CombinedOutput(); err != nil {
		return fmt.Errorf("runc delete: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// underRunc says whether runc knows the container and answers for it.
func (r record) underRunc() bool { return r.State == resumed }
