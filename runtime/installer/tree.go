// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// tree is the node's file system; paths are the node's own.
type tree string

func (t tree) at(path string) string            { return filepath.Join(string(t), path) }
func (t tree) read(path string) ([]byte, error) { return os.ReadFile(t.at(path)) }

func (t tree) exists(path string) bool {
	_, err := os.Stat(t.at(path))
	return err == nil
}

func (t tree) executable(path string) bool {
	info, err := os.Stat(t.at(path))
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// file is what a path of the node should be. The zero value of content and link means: not there.
type file struct {
	path    string
	content []byte
	link    string
	mode    fs.FileMode
}

func absent(path string) file { return file{path: path} }

func (f file) wanted() bool { return f.content != nil || f.link != "" }

func (f file) String() string {
	switch {
	case !f.wanted():
		return "remove " + f.path
	case f.link != "":
		return "link " + f.path + " to " + f.link
	}
	return "write " + f.path
}

// state reads what there is now, to compare with or to come back to.
func (t tree) state(path string) (file, error) {
	info, err := os.Lstat(t.at(path))
	if errors.Is(err, fs.ErrNotExist) {
		return absent(path), nil
	}
	if err != nil {
		return file{}, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		link, err := os.Readlink(t.at(path))
		return file{path: path, link: link}, err
	}
	content, err := t.read(path)
	if content == nil {
		content = []byte{}
	}
	return file{path: path, content: content, mode: info.Mode().Perm()}, err
}

// changes keeps those files that are not yet as wanted.
func (t tree) changes(files []file) ([]file, error) {
	var changed []file
	for _, f := range files {
		now, err := t.state(f.path)
		if err != nil {
			return nil, err
		}
		same := now.wanted() == f.wanted() && now.link == f.link && now.mode == f.mode && bytes.Equal(now.content, f.content)
		if !same {
			changed = append(changed, f)
		}
	}
	return changed, nil
}

// apply makes the files so, and returns how they were before, in the order in which to restore them.
func (t tree) apply(files []file) (before []file, err error) {
	for _, f := range files {
		now, err := t.state(f.path)
		if err != nil {
			return before, err
		}
		before = slices.Insert(before, 0, now)
		if err := t.put(f); err != nil {
			return before, err
		}
	}
	return before, nil
}

// put replaces a file in one step: a program may be started, a configuration read at this moment.
func (t tree) put(f file) error {
	path := t.at(f.path)
	if !f.wanted() {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	next := path + ".carovana-new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if f.link != "" {
		if err := os.Symlink(f.link, next); err != nil {
			return err
		}
		return os.Rename(next, path)
	}
	if err := os.WriteFile(next, f.content, f.mode); err != nil {
		return err
	}
	if err := os.Chmod(next, f.mode); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func (t tree) mode(path string) fs.FileMode {
	if info, err := os.Stat(t.at(path)); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}
