// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// found is what the installer decides upon.
type found struct {
	daemon   daemon
	layout   layout
	before   table
	programs []file
	config   configuration
	moves    []string
}

func (n node) install() error {
	f, err := n.look()
	if err != nil {
		return err
	}
	programs, err := n.changes(f.programs)
	if err != nil {
		return err
	}
	config, err := n.changes(f.config.files)
	if err != nil {
		return err
	}
	due := len(config) > 0 || n.isOwed(f.daemon)
	if len(f.moves) > 0 {
		// the agent that ends them starts after this: it needs its own carovana-runc, and everything else as it was
		programs = slices.DeleteFunc(programs, func(p file) bool { return p.path != f.layout.wrapper() })
		if due {
			n.say("migrations are under way (%s): containerd is left alone until the agent starts next", strings.Join(f.moves, ", "))
		}
		config, due = nil, false
	}
	if len(programs) == 0 && !due {
		n.say("nothing to change")
		return nil
	}
	if n.dry {
		for _, change := range append(programs, config...) {
			n.say("would %s", change)
		}
		return nil
	}
	if err := n.note(f.layout, append(slices.Clone(programs), config...)); err != nil {
		return err
	}
	if err := n.do(programs); err != nil || !due {
		return err
	}
	return n.switchConfig(f, config, true)
}

// look changes nothing, and tells all faults at once.
func (n node) look() (found, error) {
	d, err := findDaemon(n.tree)
	if err != nil {
		return found{}, err
	}
	l, err := recognize(n.tree, d)
	if err != nil {
		return found{}, err
	}
	n.say("%s: containerd's configuration is %s", l.name, l.config)
	if err := n.require("containerd", d.program, oldestContainerd, ""); err != nil {
		return found{}, err
	}
	f := found{daemon: d, layout: l}
	if f.before, err = n.dump(d, l.config); err != nil {
		return f, err
	}
	bundled, criuFault := n.criu(d)
	runc, runcFault := runcOf(n.tree, d, defaultHandler(f.before))
	if runcFault == nil {
		runcFault = n.require("runc", runc, oldestRunc, "")
	}
	var configFault error
	f.config, configFault = configure(n.tree, l, f.before)
	if f.config.foreign && configFault == nil {
		n.say("handler %s is configured already, and stays as it is", handlerName)
	}
	if err := errors.Join(criuFault, runcFault, configFault); err != nil {
		return f, err
	}
	if bundled {
		n.say("CRIU of the image, in %s", filepath.Join(l.folder, "criu"))
	}
	if f.programs, err = programs(n.image, l, runc, bundled); err != nil {
		return f, err
	}
	f.moves, err = movesUnderWay(n.tree)
	return f, err
}

func (n node) do(files []file) error {
	for _, f := range files {
		n.say("%s", f)
	}
	_, err := n.apply(files)
	return err
}

// switchConfig makes containerd work with other files, or leaves everything as it was.
func (n node) switchConfig(f found, files []file, installed bool) error {
	right := func(after table) error { return checkChange(f.before, after, f.layout.wrapper(), installed) }
	if installed && len(files) > 0 && handler(f.before, handlerName) == nil {
		after, err := n.preview(f.daemon, f.layout, f.config)
		if err == nil {
			err = right(after)
		}
		if err != nil {
			return err
		}
	}
	if err := n.put(file{path: owed, content: []byte(f.daemon.process), mode: 0o600}); err != nil {
		return err
	}
	for _, change := range files {
		n.say("%s", change)
	}
	before, err := n.apply(files)
	if err == nil && !f.layout.generated {
		err = n.await(f.daemon, f.layout, right)
	}
	if err != nil {
		return errors.Join(n.takeBack(before, err), n.put(absent(owed)))
	}
	if f.daemon.unit == "" && !f.layout.watched {
		return errors.New("containerd's configuration is ready, but containerd is not a service of systemd: restart it by hand")
	}
	// other settings may have changed too since the distribution has last generated them
	there := func(after table) error { return checkPresence(after, f.layout.wrapper(), installed) }
	if err := n.restart(f, there); err != nil {
		return errors.Join(n.takeBack(before, err), n.restart(f, func(table) error { return nil }))
	}
	return nil
}

func (n node) takeBack(before []file, reason error) error {
	_, err := n.apply(before)
	return errors.Join(fmt.Errorf("containerd's configuration is as it was: %w", reason), err)
}

// restart makes containerd read its configuration, which the distribution may generate just then.
func (n node) restart(f found, right func(table) error) error {
	if !f.layout.watched {
		n.say("restarting %s; pods go on", f.daemon.unit)
		if _, err := n.run("systemctl", "restart", f.daemon.unit); err != nil {
			return err
		}
	}
	if !f.layout.generated {
		return nil
	}
	return n.await(f.daemon, f.layout, right)
}

// note keeps for uninstall what is made and changed, before it is.
func (n node) note(l layout, files []file) error {
	list := notes(l)
	now, err := n.read(list)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	lines := strings.Fields(string(now))
	self := file{path: list, mode: 0o600, content: []byte{}}
	lines = append(lines, n.madeFolders(append([]file{self}, files...))...)
	for _, f := range files {
		lines = append(lines, f.path)
	}
	slices.Sort(lines)
	self.content = []byte(strings.Join(slices.Compact(lines), "\n") + "\n")
	return n.put(self)
}

func notes(l layout) string { return filepath.Join(l.folder, "installed") }
