// SPDX-License-Identifier: Apache-2.0

// carovana-install prepares a node for Carovana, or gives it back as it was. It runs in the node's namespaces.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

func main() {
	uninstall := flag.Bool("uninstall", false, "remove what the installer has made and changed")
	check := flag.Bool("check", false, "only say what would be done")
	image := flag.String("image", "/opt/carovana", "where the folder of Carovana in its image is")
	flag.Parse()
	n := node{tree: "/", image: os.DirFS(*image), run: run, say: say, dry: *check, patience: time.Minute}
	act := n.install
	if *uninstall {
		act = n.uninstall
	}
	if flag.NArg() > 0 {
		act = func() error { return fmt.Errorf("%q: no arguments were expected", flag.Args()) }
	}
	if err := alone(act); err != nil {
		fmt.Fprintf(os.Stderr, "carovana-install: %v\n", err)
		os.Exit(1)
	}
}

// alone waits for an installer that is at work already.
func alone(act func() error) error {
	if err := os.MkdirAll(runFolder, 0o700); err != nil {
		return err
	}
	lock, err := os.Open(runFolder)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return act()
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func run(command ...string) (string, error) {
	var faults strings.Builder
	c := exec.Command(command[0], command[1:]...)
	c.Stderr = &faults
	output, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, strings.TrimSpace(faults.String()))
	}
	return string(output), nil
}
