// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// uninstall gives the node back as it was.
func (n node) uninstall() error {
	d, err := findDaemon(n.tree)
	if err != nil {
		return err
	}
	l, err := recognize(n.tree, d)
	if err != nil {
		return err
	}
	list, err := n.read(notes(l))
	if errors.Is(err, fs.ErrNotExist) {
		n.say("nothing is installed")
		return nil
	}
	if err != nil {
		return err
	}
	if err := n.unused(l); err != nil {
		return err
	}
	programs, config, folders := n.undoing(l, strings.Fields(string(list)))
	if n.dry {
		for _, change := range append(config, programs...) {
			n.say("would %s", change)
		}
		return nil
	}
	f := found{daemon: d, layout: l}
	if f.before, err = n.dump(d, l.config); err != nil {
		return err
	}
	if len(config) > 0 || n.isOwed(d) {
		if err := n.switchConfig(f, config, false); err != nil {
			return err
		}
	}
	if err := n.do(append(programs, absent(owed), absent(notes(l)))); err != nil {
		return err
	}
	for _, folder := range folders {
		os.Remove(n.at(folder)) // if it is empty
	}
	return nil
}

func (n node) unused(l layout) error {
	moves, err := movesUnderWay(n.tree)
	if err != nil {
		return err
	}
	if len(moves) > 0 {
		return fmt.Errorf("migrations are under way: %s", strings.Join(moves, ", "))
	}
	if count := containersOfHandler(n.tree, l.wrapper()); count > 0 {
		return fmt.Errorf("%d containers of handler %s are on this node, and need it to be ended: delete or move their pods first", count, handlerName)
	}
	return nil
}

// undoing sorts what was noted; folders come with the innermost first.
func (n node) undoing(l layout, noted []string) (programs, config []file, folders []string) {
	for _, path := range slices.Backward(noted) {
		if strings.HasSuffix(path, "/") {
			folders = append(folders, path)
		} else if strings.HasPrefix(path, l.folder+"/") {
			programs = append(programs, absent(path))
		} else if before, ok := n.withoutOurs(path); ok {
			config = append(config, before)
		}
	}
	return programs, config, folders
}
