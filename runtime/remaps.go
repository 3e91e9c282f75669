// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// A file that is open by a name it has lost, and has another one, is dumped with a remap: CRIU gives it a name of its own,
// link_remap.N, and expects it there when it restores. A dump that lets the container run takes those names away again at its
// end. So they are made once more, in the frozen container, for the files to be sent with them. A restore takes
// them away; at the source they go when the container is to run on. See docs/adr/0028.

const (
	remapLinked = 0

	// of regfile.proto and remap-file-path.proto of CRIU
	regularID, regularName  = 1, 6
	remapOriginal, remapNew = 1, 2
	remapType               = 3

	deleted = " (deleted)"
)

// remap is a name that CRIU's restore will look for.
type remap struct {
	Old string // the lost name, as in the container
	New string
}

// remapNames are the names that were made, kept for as long as they may be there.
type remapNames struct {
	PID   int // whose root they are below
	Names []string
}

// readRemaps finds what a dump has remapped by links.
func readRemaps(images string) ([]remap, error) {
	all, err := remapEntries(images)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	names, err := regularNames(filepath.Join(images, "files.img"))
	if err != nil {
		return nil, err
	}
	var found []remap
	for _, m := range all {
		if m.number(remapType) == remapLinked {
			found = append(found, remap{Old: names[m.number(remapOriginal)], New: names[m.number(remapNew)]})
		}
	}
	return found, nil
}

// remapEntries are what a dump says of open files that have lost their name.
func remapEntries(images string) ([]message, error) {
	return readMessages(filepath.Join(images, "remap-fpath.img"))
}

func regularNames(path string) (map[uint64]string, error) {
	files, err := readImage(path)
	if err != nil {
		return nil, err
	}
	names := map[uint64]string{}
	for _, entry := range files.entries {
		m, err := parseMessage(entry)
		if err != nil {
			return nil, err
		}
		regular, err := parseMessage(m.inner(fileRegular))
		if err != nil {
			return nil, err
		}
		names[regular.number(regularID)] = string(regular.inner(regularName))
	}
	return names, nil
}

// linkRemaps gives the files their names again, and says how many have got one.
func linkRemaps(folder string, pids []int) (int, error) {
	remaps, err := readRemaps(filepath.Join(folder, "checkpoint"))
	if err != nil || len(remaps) == 0 {
		return 0, err
	}
	kept := remapNames{PID: pids[0]}
	for _, r := range remaps {
		kept.Names = append(kept.Names, r.New)
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return 0, err
	}
	if err := writeFile(filepath.Join(folder, "remaps"), data, 0o600); err != nil {
		return 0, err
	}
	lost := openByLostName(pids)
	for _, r := range remaps {
		if err := r.link(kept.PID, lost[r.Old]); err != nil {
			return 0, err
		}
	}
	return len(remaps), nil
}

// unlinkRemaps takes the names away, if any were made.
func unlinkRemaps(folder string) error {
	data, err := os.ReadFile(filepath.Join(folder, "remaps"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var kept remapNames
	if err := json.Unmarshal(data, &kept); err != nil {
		return err
	}
	for _, name := range kept.Names {
		if e := atRoot(kept.PID, name, syscall.Unlinkat); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("%s stays in the container's files: %w", name, e))
		}
	}
	return err
}

// lostName is a file that a process holds by a name that it has no more.
type lostName struct {
	path          string // in /proc, leading to the file
	device, inode uint64
}

// openByLostName looks through what processes have open and mapped.
func openByLostName(pids []int) map[string][]lostName {
	lost := map[string][]lostName{}
	for _, pid := range pids {
		for _, folder := range []string{"fd", "map_files"} {
			paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/%s/*", pid, folder))
			for _, path := range paths {
				target, err := os.Readlink(path)
				name, gone := strings.CutSuffix(target, deleted)
				var st syscall.Stat_t
				if err != nil || !gone || syscall.Stat(path, &st) != nil || st.Nlink == 0 {
					continue
				}
				file := lostName{path: path, device: st.Dev, inode: st.Ino}
				if !slices.ContainsFunc(lost[name], file.same) {
					lost[name] = append(lost[name], file)
				}
			}
		}
	}
	return lost
}

func (n lostName) same(other lostName) bool {
	return n.device == other.device && n.inode == other.inode
}

func (r remap) link(pid int, files []lostName) error {
	if len(files) != 1 {
		return fmt.Errorf("%d files are open by the name %s, which they have lost, expected 1", len(files), r.Old)
	}
	err := atRoot(pid, r.New, func(folder int, base string) error {
		from, err := syscall.BytePtrFromString(files[0].path)
		if err != nil {
			return err
		}
		to, err := syscall.BytePtrFromString(base)
		if err != nil {
			return err
		}
		_, _, errno := syscall.Syscall6(syscall.SYS_LINKAT, 0, uintptr(unsafe.Pointer(from)), uintptr(folder),
			uintptr(unsafe.Pointer(to)), symlinkFollow, 0)
		if errno != 0 {
			return errno
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("name %s for a file that has lost the name %s: %w", r.New, r.Old, err)
	}
	return nil
}

const (
	sysOpenat2    = 437
	resolveInRoot = 0x10
	openPath      = 0x200000
	symlinkFollow = 0x400 // of linkat
)

// atRoot acts on a name in the folder that a path leads to for a process. Links in it do not lead out of the process' root.
func atRoot(pid int, path string, act func(folder int, base string) error) error {
	root, err := syscall.Open(fmt.Sprintf("/proc/%d/root", pid), openPath|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(root)
	name, err := syscall.BytePtrFromString(filepath.Dir(path))
	if err != nil {
		return err
	}
	how := struct{ flags, mode, resolve uint64 }{flags: openPath | syscall.O_DIRECTORY | syscall.O_CLOEXEC, resolve: resolveInRoot}
	folder, _, errno := syscall.Syscall6(sysOpenat2, uintptr(root), uintptr(unsafe.Pointer(name)),
		uintptr(unsafe.Pointer(&how)), unsafe.Sizeof(how), 0, 0)
	if errno != 0 {
		return errno
	}
	defer syscall.Close(int(folder))
	return act(int(folder), filepath.Base(path))
}

// linkMain is a verb of the agent's: it says how many names it has made.
func linkMain(folder string, args []string) error {
	var pids []int
	for _, arg := range args {
		pid, err := strconv.Atoi(arg)
		if err != nil {
			return fmt.Errorf("process id %q: a number was expected", arg)
		}
		pids = append(pids, pid)
	}
	count, err := linkRemaps(folder, pids)
	if err == nil {
		fmt.Println(count)
	}
	return err
}
