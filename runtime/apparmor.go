// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

const unconfined = "unconfined"

// checkConfined compares a restored container with its configuration. CRIU restores the profile that a process had at the
// source; one that had none, since its node has no AppArmor, it leaves unconfined and says nothing. A profile may itself say
// that it confines nobody, as Debian's of runc does, which containers without one have then.
func checkConfined(pid int, profile string) error {
	if profile == "" || profile == unconfined {
		return nil
	}
	attributes := fmt.Sprintf("/proc/%d/attr/", pid)
	have, err := os.ReadFile(attributes + "apparmor/current") // older kernels have only the other one
	if errors.Is(err, fs.ErrNotExist) {
		have, err = os.ReadFile(attributes + "current")
	}
	name, mode, _ := strings.Cut(strings.TrimSpace(string(have)), " ")
	if err != nil || name == unconfined || mode == "("+unconfined+")" && name != profile {
		return fmt.Errorf("process %d is not confined by AppArmor, expected profile %q, which this node gives the container: "+
			"was the source's node without AppArmor?", pid, profile)
	}
	return nil
}
