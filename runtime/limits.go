// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// A restore runs in the container's cgroup, or what it restores would not count there. But its own needs are not the container's:
// with a few megabytes left it would be killed for want of memory, and with a tenth of a processor take ten times as long.
// So the limits of container and pod are lifted for it, and set again before any process goes on. See docs/adr/0029.

// limit is a file of a cgroup with a limit, and what says that there is none.
type limit struct{ file, none string }

// Those of version 1 and of version 2, in the order in which they can be lifted; set again they are the other way round.
var limits = []limit{
	{"memory.memsw.limit_in_bytes", "-1"}, {"memory.limit_in_bytes", "-1"}, {"cpu.cfs_quota_us", "-1"},
	{"memory.max", "max"}, {"memory.high", "max"}, {"cpu.max", "max"}, {"pids.max", "max"},
}

// farTooMany digits: memory.limit_in_bytes of a cgroup without a limit.
const farTooMany = 19

// limitValue is one limit that was lifted.
type limitValue struct{ Path, Value string }

// liftLimits notes, once, what limits the cgroups have, and lifts them.
func liftLimits(note string, folders []string) error {
	values, err := readLimits(note)
	if errors.Is(err, fs.ErrNotExist) {
		values, err = noteLimits(note, folders)
	}
	if err != nil {
		return err
	}
	for _, l := range limits {
		for _, v := range values {
			if filepath.Base(v.Path) == l.file {
				if err := os.WriteFile(v.Path, []byte(l.none), 0); err != nil {
					return fmt.Errorf("lift a limit: %w", err)
				}
			}
		}
	}
	return nil
}

// noteLimits may be done by the holders of several containers at once: one of them is first, and the others take what it has noted.
func noteLimits(note string, folders []string) ([]limitValue, error) {
	values := []limitValue{}
	for _, l := range limits {
		for _, folder := range folders {
			path := filepath.Join(folder, l.file)
			data, err := os.ReadFile(path)
			value := strings.TrimSpace(string(data))
			if err == nil && !strings.HasPrefix(value, l.none) && len(value) < farTooMany {
				values = append(values, limitValue{path, value})
			}
		}
	}
	data, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	mine := fmt.Sprintf("%s.%d", note, os.Getpid())
	if err := writeFile(mine, data, 0o600); err != nil {
		return nil, err
	}
	defer os.Remove(mine)
	if err := os.Link(mine, note); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return readLimits(note)
}

func readLimits(note string) (values []limitValue, err error) {
	data, err := os.ReadFile(note)
	if err != nil {
		return nil, err
	}
	return values, json.Unmarshal(data, &values)
}

// setLimits sets those that were lifted, if any were.
func setLimits(note string) error {
	values, err := readLimits(note)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for i := len(limits) - 1; i >= 0; i-- {
		for _, v := range values {
			if filepath.Base(v.Path) == limits[i].file {
				if err := v.set(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// set fails if more is used than the limit allows: version 1 says so, version 2 would kill what is restored.
func (v limitValue) set() error {
	if filepath.Base(v.Path) == "memory.max" {
		v.reclaim()
		if v.used() > v.bytes() {
			return v.exceeded()
		}
	}
	err := os.WriteFile(v.Path, []byte(v.Value), 0)
	if errors.Is(err, syscall.EBUSY) {
		return v.exceeded()
	}
	return err
}

func (v limitValue) exceeded() error {
	return fmt.Errorf("the restored container uses more memory than its limit of %s bytes", v.Value)
}

func (v limitValue) reclaim() {
	if over := v.used() - v.bytes(); over > 0 {
		os.WriteFile(filepath.Join(filepath.Dir(v.Path), "memory.reclaim"), []byte(strconv.FormatInt(over, 10)), 0)
	}
}

func (v limitValue) used() int64 {
	data, _ := os.ReadFile(filepath.Join(filepath.Dir(v.Path), "memory.current"))
	used, _ := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
	return used
}

func (v limitValue) bytes() int64 {
	bytes, _ := strconv.ParseInt(v.Value, 10, 64)
	return bytes
}

// limitFolders are the container's cgroups.
func (g groups) limitFolders() (folders []string) {
	for _, mount := range g.Mounts {
		folders = append(folders, filepath.Join(mount, g.Container))
		if g.Restored != g.Container {
			folders = append(folders, filepath.Join(mount, g.Restored))
		}
	}
	return folders
}

// podLimitFolders are those of the cgroup that kubelet has made around the pod's containers.
func (g groups) podLimitFolders() (folders []string) {
	for _, mount := range g.Mounts {
		folders = append(folders, filepath.Join(mount, filepath.Dir(g.Container)))
	}
	return folders
}
