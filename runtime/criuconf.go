// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// CRIU's options for every dump of an instance, kubelet's too. The network lock is skipped because the agent
// puts a packet shield around the pod, which costs a fraction of CRIU's own lock. How much there may be of files without a name
// is the memory's affair, and preflight's.
const criuOptions = `tcp-established
network-lock skip
file-locks
ext-unix-sk
link-remap
ghost-limit 1000G
`

// restoreOptions are CRIU's for a container that is held. They leave the restored processes stopped, for which runc has no
// flag: but it lets CRIU read these after its own options. runc starts CRIU in the container's cgroup, and with version
// 1 nothing is left to do there; CRIU would mount every hierarchy for it, and take it away again, within the freeze. With
// version 2 it is CRIU that makes the container's cgroup namespace.
func (h *holder) restoreOptions() string {
	options := criuOptions + "leave-stopped\n" + h.streamOptions
	if !h.rec.Groups.Unified {
		options += "manage-cgroups=ignore\n"
	}
	for _, s := range h.order.Spared {
		options += fmt.Sprintf("external mnt[%s]:%s%s\n", sparedKey(s.Destination), sparedFolder(h.restore.workPath), s.Destination)
	}
	return options
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
