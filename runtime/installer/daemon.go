// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// daemon is the containerd that runs on the node.
type daemon struct {
	program string
	config  string   // as given on its command line
	unit    string   // of systemd, empty if something else has started it
	search  []string // folders in which it looks for runc, and runc for CRIU
	process string   // another one after a restart
}

// where services look whose unit says nothing else
const usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

var unitName = regexp.MustCompile(`/([^/\n]+\.service)(?:/[^\n]*)?(?:\n|$)`)

// findDaemon looks through the node's processes. Of several it takes the one of a Kubernetes distribution: another may be Docker's.
func findDaemon(t tree) (daemon, error) {
	entries, err := os.ReadDir(t.at("/proc"))
	if err != nil {
		return daemon{}, err
	}
	var found []daemon
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		if d, ok := readDaemon(t, filepath.Join("/proc", entry.Name())); ok {
			found = append(found, d)
		}
	}
	if len(found) == 0 {
		return daemon{}, fmt.Errorf("no process called containerd: Carovana needs containerd %s or later", oldestContainerd)
	}
	best := slices.IndexFunc(found, func(d daemon) bool { return d.config != "" && d.config != mainConfig })
	return found[max(best, 0)], nil
}

func readDaemon(t tree, process string) (daemon, bool) {
	name, _ := t.read(process + "/comm")
	if strings.TrimSpace(string(name)) != "containerd" || t.inOtherNode(process) {
		return daemon{}, false
	}
	exe, err := os.Readlink(t.at(process + "/exe"))
	if err != nil {
		return daemon{}, false // it has ended meanwhile
	}
	line, _ := t.read(process + "/cmdline")
	environment, _ := t.read(process + "/environ")
	group, _ := t.read(process + "/cgroup")
	stat, _ := t.read(process + "/stat")
	d := daemon{process: startOf(process, string(stat)), program: filepath.Join(t.lasting(filepath.Dir(exe)), "containerd"), config: configOf(strings.Split(string(line), "\x00"))}
	if !t.executable(d.program) {
		d.program = strings.TrimSuffix(exe, " (deleted)")
	}
	// distributions that bring their own programs have them beside containerd
	for _, folder := range append(filepath.SplitList(pathOf(string(environment))), filepath.Dir(d.program)) {
		d.search = append(d.search, t.lasting(folder))
	}
	if unit := unitName.FindStringSubmatch(string(group)); unit != nil {
		d.unit = unit[1]
	}
	return d, true
}

// inOtherNode: a node may be a container of another one, as kind makes them.
func (t tree) inOtherNode(process string) bool {
	own, _ := os.Readlink(t.at("/proc/1/ns/pid"))
	its, _ := os.Readlink(t.at(process + "/ns/pid"))
	return own != its
}

var versionFolder = regexp.MustCompile(`^(.*)/data/[^/]+/bin$`)

// lasting is where a distribution's programs are after its next upgrade too: k3s and RKE2 have a folder for each version.
func (t tree) lasting(folder string) string {
	if parts := versionFolder.FindStringSubmatch(folder); parts != nil {
		for _, link := range []string{parts[1] + "/data/current/bin", parts[1] + "/bin"} {
			if t.executable(link + "/containerd") {
				return link
			}
		}
	}
	return folder
}

// startOf names a process for good: its number may be used again, with another start time.
func startOf(process, stat string) string {
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	if len(fields) < 20 {
		return process
	}
	return process + " " + fields[19]
}

func pathOf(environment string) string {
	for variable := range strings.SplitSeq(environment, "\x00") {
		if value, ok := strings.CutPrefix(variable, "PATH="); ok {
			return value
		}
	}
	return usualPath
}

func configOf(args []string) string {
	for i, arg := range args {
		if (arg == "-c" || arg == "--config") && i+1 < len(args) {
			return args[i+1]
		}
		if path, ok := strings.CutPrefix(arg, "--config="); ok {
			return path
		}
	}
	return ""
}
