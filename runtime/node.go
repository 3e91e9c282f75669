// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// node is Carovana's folder on the node's tmpfs; the agent uses the same paths.
type node struct{ dir string }

var onNode = node{dir: "/run/carovana"}

func (n node) agentSocket() string         { return filepath.Join(n.dir, "agent.sock") }
func (n node) criuConf() string            { return filepath.Join(n.dir, "criu.conf") }
func (n node) podDir(podUID string) string { return filepath.Join(n.dir, "pods", podUID) }

func (n node) recordPath(podUID, container string) string {
	return filepath.Join(n.podDir(podUID), container+".json")
}

// restoreConf is CRIU's options file of one held container.
func (n node) restoreConf(podUID, container string) string {
	return filepath.Join(n.podDir(podUID), container+".criu.conf")
}

// idLink leads from a container id, all that most verbs are given, to the container's record.
func (n node) idLink(id string) string { return filepath.Join(n.dir, "containers", id) }

func (n node) fenced(podUID string) bool {
	_, err := os.Stat(filepath.Join(n.podDir(podUID), "fenced"))
	return err == nil
}

// ending says whether the agent lets the containers of a fenced pod be killed: the pod is being deleted.
func (n node) ending(podUID string) bool {
	content, err := os.ReadFile(filepath.Join(n.podDir(podUID), "fenced"))
	return err == nil && string(content) == "ending"
}

// anyFence is a cheap question before the pod of a container has to be looked up.
func (n node) anyFence() bool {
	found, _ := filepath.Glob(filepath.Join(n.dir, "pods", "*", "fenced"))
	return len(found) > 0
}

// runs says whether a container of a moved pod was resumed.
func (n node) runs(podUID string) bool {
	records, _ := filepath.Glob(filepath.Join(n.podDir(podUID), "*.json"))
	for _, path := range records {
		if rec, err := readRecord(path); err == nil && rec.State == resumed {
			return true
		}
	}
	return false
}

// findRecord returns the record of the first argument that names a held or restored container.
func (n node) findRecord(args []string) (string, *record) {
	for _, arg := range args {
		if !plainName(arg) {
			continue
		}
		rec, err := readRecord(n.idLink(arg))
		if err == nil && rec.ContainerID == arg {
			return arg, rec
		}
	}
	return "", nil
}

func (n node) link(rec record) error {
	link := n.idLink(rec.ContainerID)
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		return err
	}
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Symlink(filepath.Join("..", "pods", rec.PodUID, rec.Container+".json"), link)
}

// plainName keeps what becomes part of a path from leaving its folder.
func plainName(name string) bool {
	return name != "" && name[0] != '.' && name[0] != '-' && !strings.ContainsAny(name, "/\x00")
}

// writeFile replaces a file in one step: a reader sees the old content or the new.
func writeFile(path string, data []byte, mode os.FileMode) error {
	tmp := fmt.Sprintf("%s.%d.tmp", path, os.Getpid())
	if err := os.WriteFile(tmp, data, mode); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		os.Remove(tmp)
		return err
	}
	return nil
}

func readRecord(path string) (*record, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rec := &record{}
	if err := json.Unmarshal(data, rec); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rec, nil
}

// records are those of a pod's containers that are held or restored.
func (n node) records(podUID string) (all []record, err error) {
	paths, err := filepath.Glob(n.recordPath(podUID, "*"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		rec, err := readRecord(path)
		if err != nil {
			return nil, err
		}
		all = append(all, *rec)
	}
	return all, nil
}

func (n node) writeRecord(rec record) error {
	data, err := json.MarshalIndent(rec, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(n.podDir(rec.PodUID), 0o700); err != nil {
		return err
	}
	return writeFile(n.recordPath(rec.PodUID, rec.Container), append(data, '\n'), 0o600)
}
