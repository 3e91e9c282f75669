// SPDX-License-Identifier: Apache-2.0

package main

import "time"

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

// underRunc says whether runc knows the container and answers for it.
func (r record) underRunc() bool { return r.State == resumed }
