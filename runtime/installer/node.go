// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// node is where the installer works.
type node struct {
	tree
	image fs.FS // the folder of Carovana in its image
	run   func(command ...string) (string, error)
	say   func(format string, args ...any)
	dry   bool // only say what would be done
	// how long a distribution may take to generate containerd's configuration
	patience time.Duration
}

// owed has the containerd that has to be restarted, from before its configuration is changed until another one runs.
const owed = runFolder + "/containerd-restart"

func (n node) dump(d daemon, config string) (table, error) {
	content, err := n.run(d.program, "--config", config, "config", "dump")
	if err != nil {
		return nil, fmt.Errorf("containerd does not accept %s: %w", config, err)
	}
	return parse(config, []byte(content))
}

// preview is what containerd will have with the handler, before any file of its configuration is touched. It cannot tell of a handler
// that is there already: containerd would merge the two.
func (n node) preview(d daemon, l layout, c configuration) (table, error) {
	root, part := runFolder+"/preview.toml", runFolder+"/preview-handler.toml"
	imports := fmt.Sprintf("%q", part)
	if n.exists(l.config) {
		imports = fmt.Sprintf("%q, %q", l.config, part)
	}
	files := []file{
		{path: part, content: c.handler, mode: 0o600},
		{path: root, content: fmt.Appendf(nil, "version = %d\nimports = [%s]\n", c.version, imports), mode: 0o600},
	}
	before, err := n.apply(files)
	defer n.apply(before)
	if err != nil {
		return nil, err
	}
	return n.dump(d, root)
}

var versionNumber = regexp.MustCompile(`\d+\.\d+(\.\d+)*`)

// version is the first one that a program prints.
func (n node) version(program string) string {
	output, err := n.run(program, "--version")
	if err != nil {
		return ""
	}
	return versionNumber.FindString(output)
}

func (n node) require(what, program, oldest, remedy string) error {
	version := n.version(program)
	if !atLeast(version, oldest) {
		return fmt.Errorf("%s %s at %s: expected %s or later%s", what, version, program, oldest, remedy)
	}
	n.say("%s %s at %s", what, version, program)
	return nil
}

func atLeast(version, oldest string) bool {
	have, want := strings.Split(version, "."), strings.Split(oldest, ".")
	for i := range want {
		if i >= len(have) {
			return false
		}
		a, err := strconv.Atoi(have[i])
		b, _ := strconv.Atoi(want[i])
		if err != nil || a != b {
			return err == nil && a > b
		}
	}
	return true
}

const whereCRIU = `; it is in Debian forky and sid, and for other distributions in openSUSE's build service (devel:tools:criu)`

// criu says whether the image's CRIU is needed: an administrator's own goes first if it is new enough.
func (n node) criu(d daemon) (bundled bool, err error) {
	path := n.find("criu", d.search)
	if path != "" {
		if err = n.require("CRIU", path, oldestCRIU, whereCRIU); err == nil {
			return false, nil
		}
	}
	if _, missing := fs.Stat(n.image, "criu/criu"); missing == nil {
		return true, nil
	}
	if path == "" {
		return false, fmt.Errorf("CRIU not found in %v: expected %s or later%s", d.search, oldestCRIU, whereCRIU)
	}
	return false, err
}

// await asks until containerd's configuration is right.
func (n node) await(d daemon, l layout, right func(table) error) error {
	for end := time.Now().Add(n.patience); ; time.Sleep(200 * time.Millisecond) {
		config, err := n.dump(d, l.config)
		if err == nil {
			err = right(config)
		}
		if err == nil || !l.generated || time.Now().After(end) {
			return err
		}
	}
}

func (n node) isOwed(d daemon) bool {
	content, err := n.read(owed)
	return err == nil && string(content) == d.process
}

// madeFolders are those that the files need and that are not there, the outermost first.
func (n node) madeFolders(files []file) []string {
	var made []string
	seen := map[string]bool{}
	for _, f := range files {
		at := len(made)
		for folder := filepath.Dir(f.path); f.wanted() && !n.exists(folder) && !seen[folder]; folder = filepath.Dir(folder) {
			seen[folder] = true
			made = append(made[:at], append([]string{folder + "/"}, made[at:]...)...)
		}
	}
	return made
}
