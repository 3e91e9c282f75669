// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Files of a configMap, a secret, a token or the downward API lie in a folder whose name is the time at which kubelet wrote
// it, and to which the link ..data leads. So an open file has another path in each pod, and another size perhaps. It is
// restored as the file of that name which the new pod has, with what is in it there. One that kubelet has replaced meanwhile has no
// name any more, and moves with its content as any such file.

const (
	regularSize = 8 // of regfile.proto of CRIU

	dataLink = "..data"
)

var (
	claimVolume   = regexp.MustCompile(`/volumes/kubernetes\.io~`)
	emptyVolume   = regexp.MustCompile(`/volumes/kubernetes\.io~empty-dir/`)
	writtenVolume = regexp.MustCompile(`/volumes/kubernetes\.io~(configmap|secret|projected|downward-api)/`)
	writtenFolder = regexp.MustCompile(`^\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+$`)
)

// writtenByKubelet are the paths in the container at which such volumes are mounted, as the kernel tells them: a token's begins
// with /var/run, which is a link in many images.
func (b *bundle) writtenByKubelet() []string {
	return b.mounted(writtenVolume.MatchString)
}

// claims are the paths in the container at which volumes with a PersistentVolumeClaim are mounted. Pods elsewhere may write to
// the same files meanwhile, so their sizes may be others at the restore.
func (b *bundle) claims() []string {
	return b.mounted(func(source string) bool {
		return claimVolume.MatchString(source) && !emptyVolume.MatchString(source) && !writtenVolume.MatchString(source)
	})
}

func (b *bundle) mounted(from func(source string) bool) (paths []string) {
	for _, m := range b.spec.Mounts {
		if m.Type == "bind" && from(m.Source) {
			paths = append(paths, resolveIn(b.rootfs(), m.Destination))
		}
	}
	return paths
}

// ofAnySize is a regular file, of files.img, whose size does not count, if it is of one of the volumes.
func (m message) ofAnySize(volumes []string) (mended message, ok bool) {
	path := string(m.inner(regularName))
	if !slices.ContainsFunc(volumes, func(volume string) bool { return strings.HasPrefix(path, volume+"/") }) {
		return nil, false
	}
	return slices.DeleteFunc(m, func(f field) bool { return f.id == regularSize }), true
}

// resolveIn follows the links of a path as they lead for who has the root.
func resolveIn(root, path string) string {
	resolved, left := "/", path
	for links := 0; left != ""; {
		var name string
		name, left, _ = strings.Cut(strings.TrimLeft(left, "/"), "/")
		next := filepath.Join(resolved, name)
		target, err := os.Readlink(filepath.Join(root, next))
		if err != nil {
			resolved = next
			continue
		}
		if links++; links > 40 {
			return path // as the kernel, which gives up
		}
		left = filepath.Join(target, left)
		if filepath.IsAbs(target) {
			resolved = "/"
		}
	}
	return resolved
}

// mendVolumes gives open files of volumes written by kubelet the paths that they have in the new pod, and lets those of claims be of any size.
func mendVolumes(images string, files []message, volumes, claims []string) (changed bool, err error) {
	remapped, err := remappedFiles(images)
	if err != nil {
		return false, err
	}
	for _, file := range files {
		regular, err := parseMessage(file.inner(fileRegular))
		if err != nil {
			return false, err
		}
		mended, ok := regular.inNewPod(volumes)
		if !ok {
			mended, ok = regular.ofAnySize(claims)
		}
		if ok && !slices.Contains(remapped, regular.number(regularID)) {
			file.setInner(fileRegular, mended.encode())
			changed = true
		}
	}
	return changed, nil
}

// remappedFiles are those that have lost their name.
func remappedFiles(images string) (ids []uint64, err error) {
	remaps, err := remapEntries(images)
	for _, m := range remaps {
		ids = append(ids, m.number(remapOriginal))
	}
	return ids, err
}

// inNewPod is a regular file, of files.img, as the new pod has it, if it is of one of the volumes.
func (m message) inNewPod(volumes []string) (mended message, ok bool) {
	path := string(m.inner(regularName))
	for _, volume := range volumes {
		below, found := strings.CutPrefix(path, volume+"/")
		if !found {
			continue
		}
		folder, file, _ := strings.Cut(below, "/")
		if !writtenFolder.MatchString(folder) {
			continue
		}
		m.setInner(regularName, []byte(filepath.Join(volume, dataLink, file)))
		return slices.DeleteFunc(m, func(f field) bool { return f.id == regularSize }), true
	}
	return nil, false
}
