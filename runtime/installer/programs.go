// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

const (
	oldestRunc       = "1.2"
	oldestCRIU       = "4.2"
	oldestContainerd = "2.0"
)

// programs are the files below the layout's folder: carovana-runc, and beside it the runc and the CRIU that it is to use.
func programs(image fs.FS, l layout, runc string, bundled bool) ([]file, error) {
	wrapper, err := fs.ReadFile(image, "bin/carovana-runc")
	if err != nil {
		return nil, err
	}
	beside := func(name string) string { return filepath.Join(l.folder, "bin", name) }
	files := []file{
		{path: l.wrapper(), content: wrapper, mode: 0o755},
		{path: beside("runc"), link: runc},
	}
	if !bundled {
		return append(files, absent(beside("criu"))), nil
	}
	bundle, err := criuBundle(image, filepath.Join(l.folder, "criu"))
	if err != nil {
		return nil, err
	}
	return append(append(files, bundle...), file{path: beside("criu"), link: "../criu/criu"}), nil
}

// criuBundle is CRIU with its libraries, and with their loader, since the node's C library may be older than all of them.
func criuBundle(image fs.FS, folder string) ([]file, error) {
	var files []file
	err := fs.WalkDir(image, "criu", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(image, path)
		if err == nil && path == "criu/criu" {
			content, err = withLoader(content, filepath.Join(folder, "ld.so"))
		}
		name, _ := strings.CutPrefix(path, "criu/")
		files = append(files, file{path: filepath.Join(folder, name), content: content, mode: 0o755})
		return err
	})
	return files, err
}

// withLoader changes where a program looks for its loader. The program must have been linked with a longer path.
func withLoader(program []byte, loader string) ([]byte, error) {
	parsed, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return nil, fmt.Errorf("criu: %w", err)
	}
	for _, segment := range parsed.Progs {
		if segment.Type != elf.PT_INTERP {
			continue
		}
		if uint64(len(loader)) >= segment.Filesz {
			return nil, fmt.Errorf("criu: no room for the path %s of its loader", loader)
		}
		changed := bytes.Clone(program)
		place := changed[segment.Off : segment.Off+segment.Filesz]
		clear(place)
		copy(place, loader)
		return changed, nil
	}
	return nil, fmt.Errorf("criu: has no loader")
}

// runcOf is the runc that containerd uses for the pods of the default handler.
func runcOf(t tree, c daemon, standard table) (string, error) {
	name := binaryName(standard)
	if filepath.Base(name) == "runc" && filepath.IsAbs(name) && t.executable(name) {
		return name, nil
	}
	if found := t.find("runc", c.search); found != "" {
		return found, nil
	}
	return "", fmt.Errorf("runc not found in %v", c.search)
}

func (t tree) find(name string, folders []string) string {
	for _, folder := range folders {
		if path := filepath.Join(folder, name); t.executable(path) {
			return path
		}
	}
	return ""
}
