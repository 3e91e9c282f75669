// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

// call is one command line as the shim writes it for runc: global flags, verb, flags of the verb, arguments.
type call struct {
	root          string
	log           string
	logFormat     string
	systemdCgroup bool

	verb       string
	bundle     string
	pidFile    string
	console    string
	noPivot    bool
	force      bool
	positional []string
}

// Flags that take a value, of runc itself and of the verbs that are answered here. Verbs that are only
// passed on need no knowledge of their flags.
var valueFlags = map[string]bool{
	"root": true, "log": true, "log-format": true, "criu": true, "rootless": true,
	"bundle": true, "b": true, "pid-file": true, "console-socket": true, "pidfd-socket": true, "preserve-fds": true,
	"process": true, "p": true, "cwd": true, "user": true, "u": true, "env": true, "e": true,
	"additional-gids": true, "g": true, "process-label": true, "apparmor": true, "cap": true, "c": true,
	"cgroup": true, "interval": true, "format": true,
}

func parseArgs(args []string) call {
	c := call{root: "/run/runc", logFormat: "text", bundle: "."}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			c.positional = append(c.positional, args[i+1:]...)
			break
		}
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			if c.verb == "" {
				c.verb = arg
			} else {
				c.positional = append(c.positional, arg)
			}
			continue
		}
		name, value, given := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !given && valueFlags[name] && i+1 < len(args) {
			i++
			value = args[i]
		}
		c.setFlag(name, value)
	}
	return c
}

func (c *call) setFlag(name, value string) {
	switch name {
	case "root":
		c.root = value
	case "log":
		c.log = value
	case "log-format":
		c.logFormat = value
	case "systemd-cgroup":
		c.systemdCgroup = value != "false"
	case "bundle", "b":
		c.bundle = value
	case "pid-file":
		c.pidFile = value
	case "console-socket":
		c.console = value
	case "no-pivot":
		c.noPivot = value != "false"
	case "force", "f":
		c.force = value != "false"
	}
}

// id is the container that create is for.
func (c call) id() string {
	if len(c.positional) == 0 {
		return ""
	}
	return c.positional[0]
}
