// SPDX-License-Identifier: Apache-2.0

// carovana-runc stands in front of runc as the handler of RuntimeClass carovana. It passes everything
// through, except that a container of a migration's destination pod is held and later restored.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

const (
	version  = "0.1.0"
	protocol = 1

	holdVerb    = "carovana-hold"
	restoreVerb = "carovana-restore"
	linkVerb    = "carovana-link"
	unlinkVerb  = "carovana-unlink"
	lookVerb    = "carovana-attributes"
	connectVerb = "carovana-connect"
	streamsVerb = "carovana-streams"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--carovana-version" {
		fmt.Printf("carovana-runc %s protocol %d\n", version, protocol)
		return
	}
	if len(os.Args) > 1 && os.Args[1] == holdVerb {
		os.Exit(holdMain())
	}
	if len(os.Args) > 2 && os.Args[1] == restoreVerb {
		os.Exit(restoreMain(os.Args[2]))
	}
	if len(os.Args) > 2 && slices.Contains([]string{linkVerb, unlinkVerb, lookVerb, connectVerb, streamsVerb}, os.Args[1]) {
		os.Exit(agentMain(os.Args[1], os.Args[2], os.Args[3:]))
	}
	preferOwnFolder()
	c := parseArgs(os.Args[1:])
	w := wrapper{node: onNode, runc: findRunc}
	if err := w.run(c); err != nil {
		c.report(err)
		os.Exit(1)
	}
}

// agentMain answers the agent, for what needs system calls that Java does not have.
func agentMain(verb, folder string, args []string) int {
	var err error
	switch {
	case verb == linkVerb:
		err = linkMain(folder, args)
	case verb == unlinkVerb:
		err = unlinkRemaps(folder)
	case len(args) != 1:
		err = fmt.Errorf("%s %s: one more argument was expected, not %v", verb, folder, args)
	case verb == streamsVerb:
		err = onNode.keepStreams(folder, args[0])
	case verb == connectVerb:
		err = onNode.connectSockets(folder, args[0])
	default:
		err = readAttributes(folder, args[0])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// wrapper answers one call of the shim.
type wrapper struct {
	node node
	runc func() (string, error)
}

func (w wrapper) run(c call) error {
	switch c.verb {
	case "create":
		return w.create(c)
	case "start":
		if err := w.checkFence(c); err != nil {
			return err
		}
	}
	id, rec := w.node.findRecord(c.positional)
	if c.verb == "kill" && (rec == nil || rec.underRunc()) {
		// A frozen source fails its probes: kubelet must not end it while it may still have to go on (R2).
		if err := w.checkFence(c); err != nil {
			return err
		}
	}
	if rec != nil {
		return w.heldVerb(c, id, *rec)
	}
	return w.passThrough()
}

// passThrough becomes runc: no process stays in between, so signals, exit status and file
// descriptors are runc's own.
func (w wrapper) passThrough() error {
	path, err := w.runc()
	if err != nil {
		return err
	}
	args := append([]string{path}, os.Args[1:]...)
	return fmt.Errorf("exec %s: %w", path, syscall.Exec(path, args, os.Environ()))
}

// ownFolder has, besides this program, a link to the runc of the node and, where the node's own is too old, CRIU.
func ownFolder() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	return filepath.Dir(self)
}

// preferOwnFolder: runc looks for CRIU in PATH.
func preferOwnFolder() {
	os.Setenv("PATH", ownFolder()+":"+os.Getenv("PATH"))
}

var runcPaths = []string{"/usr/sbin/runc", "/usr/bin/runc", "/usr/local/sbin/runc", "/usr/local/bin/runc"}

func findRunc() (string, error) {
	if path := os.Getenv("CAROVANA_RUNC"); path != "" {
		return path, nil
	}
	for _, path := range append([]string{filepath.Join(ownFolder(), "runc")}, runcPaths...) {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("runc not found in %v; set CAROVANA_RUNC", runcPaths)
}
