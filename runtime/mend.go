// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
)

// mendFiles corrects what CRIU has written of open files, for a container that has volumes written by kubelet at the
// paths given.
func mendFiles(images string, volumes []string) error {
	path := filepath.Join(images, "files.img")
	files, err := readImage(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	remapped, err := remappedFiles(images)
	if err != nil {
		return err
	}
	changed := false
	for i, entry := range files.entries {
		file, err := parseMessage(entry)
		if err != nil {
			return err
		}
		timer, err := parseMessage(file.inner(fileTimer))
		if err != nil {
			return err
		}
		regular, err := parseMessage(file.inner(fileRegular))
		if err != nil {
			return err
		}
		mended, ofVolume := regular.inNewPod(volumes)
		switch {
		case timer != nil && timer.mend():
			file.setInner(fileTimer, timer.encode())
		case ofVolume && !slices.Contains(remapped, regular.number(regularID)):
			file.setInner(fileRegular, mended.encode())
		default:
			continue
		}
		files.entries[i] = file.encode()
		changed = true
	}
	if !changed {
		return nil
	}
	return files.write(path)
}

// remappedFiles are those that have lost their name.
func remappedFiles(images string) (ids []uint64, err error) {
	remaps, err := remapEntries(images)
	for _, m := range remaps {
		ids = append(ids, m.number(remapOriginal))
	}
	return ids, err
}
