// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
)

// CRIU's options for every dump and restore of an instance. The network lock is skipped because the agent
// puts a packet shield around the pod, which costs a fraction of CRIU's own lock.
const criuOptions = `tcp-established
network-lock skip
file-locks
ext-unix-sk
`

// restoreOptions leave the restored processes stopped. runc has no flag for it, but lets CRIU read this
// file after its own options.
const restoreOptions = criuOptions + "leave-stopped\n"

func ensureFile(path, content string) error {
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, []byte(content)) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeFile(path, []byte(content), 0o600)
}
