// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
)

// Of every dump and restore of an instance. The network lock is skipped because the agent puts a packet shield around
// the pod, which costs a fraction of CRIU's own lock.
const commonOptions = `tcp-established
network-lock skip
file-locks
ext-unix-sk
`

// criuOptions are CRIU's options for the containers of this node. Cgroups are left to runc where that is enough (ADR 15).
func criuOptions() (string, error) {
	_, unified, err := cgroupMounts(cgroupRoot)
	if err != nil || unified {
		return commonOptions, err
	}
	return commonOptions + "manage-cgroups=ignore\n", nil
}

// stopped is the option that leaves restored processes stopped. runc has no flag for it, but lets CRIU read its file after
// runc's own options.
const stopped = "leave-stopped\n"

func ensureCriuOptions(path, more string) error {
	options, err := criuOptions()
	if err != nil {
		return err
	}
	return ensureFile(path, options+more)
}

func ensureFile(path, content string) error {
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, []byte(content)) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeFile(path, []byte(content), 0o600)
}
