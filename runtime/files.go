// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// Of fdinfo.proto of CRIU: which kind of file an entry of files.img describes.
const fileRegular, fileTimer, fileUnix = 3, 12, 16

// mendFiles corrects what CRIU says of open files, for a container that has volumes written by kubelet, and such with a claim, at
// the paths given. It may be done twice.
func mendFiles(images string, volumes, claims []string) error {
	path := filepath.Join(images, "files.img")
	img, err := readImage(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	files, err := img.messages()
	if err != nil {
		return err
	}
	timers, err := mendTimers(files)
	if err != nil {
		return err
	}
	written, err := mendVolumes(images, files, volumes, claims)
	if err != nil {
		return err
	}
	connections, err := deferConnections(files)
	if err != nil || !timers && !written && len(connections) == 0 {
		return err
	}
	if len(connections) > 0 {
		if err := writeConnections(images, connections); err != nil {
			return err
		}
	}
	for i, file := range files {
		img.entries[i] = file.encode()
	}
	return img.write(path)
}
