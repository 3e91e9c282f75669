// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What the tests run on and as: see runtime/README.md.
var (
	unified  = os.Getenv("CAROVANA_IT_CGROUP") == "2"
	systemd  = os.Getenv("CAROVANA_IT_DRIVER") == "systemd"
	user     = number("CAROVANA_IT_UID", 0)
	apparmor = os.Getenv("CAROVANA_IT_APPARMOR") != ""
	patience = time.Duration(number("CAROVANA_IT_PATIENCE", 1))
	limits   = !unified || handsDown("memory", "cpu")
)

const profile = "carovana-it"

// As containerd's own profile for containers, as far as the tests' programs can tell. Newer distributions have a profile named runc.
const profileText = `#include <tunables/global>
profile ` + profile + ` flags=(attach_disconnected,mediate_deleted) {
  #include <abstractions/base>
  network,
  capability,
  file,
  umount,
  signal (receive) peer=unconfined,
  signal (receive) peer=runc,
  signal (send,receive) peer=` + profile + `,
  ptrace (trace,read,tracedby,readby) peer=` + profile + `,
  deny @{PROC}/sys/kernel/** wklx,
  deny mount,
}
`

func TestMain(m *testing.M) {
	// The tests are the shim: holders become their children.
	syscall.RawSyscall(syscall.SYS_PRCTL, 36, 1, 0)
	if apparmor {
		load := exec.Command("apparmor_parser", "--replace")
		load.Stdin = strings.NewReader(profileText)
		if out, err := load.CombinedOutput(); err != nil {
			panic("apparmor_parser: " + err.Error() + ": " + string(out))
		}
	}
	os.Exit(m.Run())
}

func number(variable string, otherwise int) int {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(variable + "=" + text + ": a number was expected")
	}
	return n
}

// handsDown says whether a cgroup of version 2 can be given limits: a hybrid machine keeps its controllers with version 1.
func handsDown(controllers ...string) bool {
	data, _ := os.ReadFile("/sys/fs/cgroup/cgroup.controllers")
	have := strings.Fields(string(data))
	return !slices.ContainsFunc(controllers, func(c string) bool { return !slices.Contains(have, c) })
}
