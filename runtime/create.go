// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

func (w wrapper) create(c call) error {
	b, err := readBundle(c.bundle)
	if err != nil {
		return w.passThrough() // runc says better what is wrong with it
	}
	kind := b.spec.Annotations[criContainerType]
	if path := b.spec.Linux.CgroupsPath; path != "" && (kind == "sandbox" || kind == "container") {
		if err := checkDriver(path, c.systemdCgroup); err != nil {
			return err
		}
	}
	switch kind {
	case "sandbox":
		if err := prepareSandbox(b); err != nil {
			return err
		}
	case "container":
		return w.createContainer(c, b)
	}
	return w.passThrough()
}

func prepareSandbox(b *bundle) error {
	if _, err := os.Stat("/proc/sys/net/mptcp/enabled"); err != nil {
		return nil
	}
	changed, err := b.disableMPTCP()
	if err != nil || !changed {
		return err
	}
	return b.write()
}

func (w wrapper) createContainer(c call, b *bundle) error {
	annotations := b.spec.Annotations
	podUID, name := annotations[criSandboxUID], annotations[criContainerName]
	if !plainName(podUID) || !plainName(name) || !plainName(c.id()) {
		return w.passThrough()
	}
	earlier, err := readRecord(w.node.recordPath(podUID, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("record of an earlier container: %w", err) // in doubt nobody runs
	}
	d := decide(annotations, w.node.fenced(podUID), w.node.runs(podUID), earlier)
	if d.action == refuse {
		return errors.New(d.reason)
	}
	if earlier != nil { // its holder may have been killed: nothing of it may go on beside the new container
		if err := endContainer(*earlier); err != nil {
			return err
		}
		if earlier.State == held {
			earlier.Groups.remove()
			os.Remove(w.node.idLink(earlier.ContainerID))
		}
	}
	if err := ensureFile(w.node.criuConf(), criuOptions); err != nil {
		return err
	}
	if d.action == hold {
		return w.hold(c, b)
	}
	if err := b.hideLandlock(); err != nil {
		return err
	}
	if _, chosen := annotations[criuAnnotation]; !chosen {
		if err := b.setAnnotation(criuAnnotation, w.node.criuConf()); err != nil {
			return err
		}
	}
	if err := b.write(); err != nil {
		return err
	}
	return w.passThrough()
}

// hold answers create with the pid of a holder in place of the container's own process.
func (w wrapper) hold(c call, b *bundle) error {
	rec := newRecord(c, b)
	if b.spec.Process.Terminal || c.console != "" {
		return fmt.Errorf("container %s has a terminal and cannot be restored", rec.Container)
	}
	runc, err := w.runc()
	if err != nil {
		return err
	}
	if rec.Groups, err = newGroups(b.spec.Linux.CgroupsPath, c.systemdCgroup, c.id()); err != nil {
		return err
	}
	conf := w.node.restoreConf(rec.PodUID, rec.Container)
	if err := prepareBundle(b, conf, rec.Groups); err != nil {
		return err
	}
	if err := w.node.link(rec); err != nil {
		return err
	}
	pid, err := startHolder(holdOrder{
		Node: w.node.dir, Record: rec, RuncPath: runc, RestoreConf: conf, Spared: b.spare(rec.Groups), Volumes: b.writtenByKubelet(), Claims: b.claims(),
		SystemdCgroup: c.systemdCgroup && !rec.Groups.Unified,
		NoPivot:       c.noPivot, OOMScoreAdj: b.spec.Process.OOMScoreAdj,
		AppArmorProfile: b.spec.Process.AppArmorProfile,
	})
	if err != nil {
		os.Remove(w.node.idLink(rec.ContainerID))
		return fmt.Errorf("hold container %s for migration %s: %w", rec.Container, rec.Migration, err)
	}
	if c.pidFile == "" {
		return nil
	}
	return writeFile(c.pidFile, []byte(strconv.Itoa(pid)), 0o644)
}

// prepareBundle does ahead of the freeze what runc reads of the bundle when it restores.
func prepareBundle(b *bundle, conf string, g groups) error {
	if err := b.setAnnotation(criuAnnotation, conf); err != nil {
		return err
	}
	if g.Unified {
		if err := b.setCgroupsPath(g.Restored); err != nil {
			return err
		}
	} else if err := b.bindCgroups(g.Mounts, g.Restored); err != nil {
		return err
	}
	return b.write()
}

func newRecord(c call, b *bundle) record {
	a := b.spec.Annotations
	return record{
		State: held, Migration: a[migrationAnnotation],
		PodUID: a[criSandboxUID], PodNamespace: a[criSandboxNS], PodName: a[criSandboxName],
		Container: a[criContainerName], ContainerID: c.id(), SandboxID: a[criSandboxID],
		Bundle: b.dir, Rootfs: b.rootfs(), Netns: b.namespacePath("network"),
		OCIVersion: b.spec.OCIVersion, RuncRoot: c.root, Created: time.Now().UTC(),
	}
}

// checkFence refuses to start or kill a container of a fenced pod.
func (w wrapper) checkFence(c call) error {
	if !w.node.anyFence() {
		return nil
	}
	for _, id := range c.positional {
		uid, pod, isContainer := w.podOf(c.root, id)
		if isContainer && w.node.fenced(uid) && !(c.verb == "kill" && w.node.ending(uid)) {
			return fmt.Errorf("pod %s is fenced: its instance is being moved to another site, "+
				"and container %s is neither started nor killed here", pod, id)
		}
	}
	return nil
}

// podOf asks the record of a held container, or runc's own state of any other, which pod it belongs to.
func (w wrapper) podOf(root, id string) (uid, pod string, isContainer bool) {
	if _, rec := w.node.findRecord([]string{id}); rec != nil {
		return rec.PodUID, rec.PodNamespace + "/" + rec.PodName, true
	}
	data, err := os.ReadFile(filepath.Join(root, id, "state.json"))
	if err != nil {
		return "", "", false
	}
	var state struct {
		Config struct {
			Labels []string `json:"labels"`
		} `json:"config"`
	}
	if json.Unmarshal(data, &state) != nil {
		return "", "", false
	}
	label := labels(state.Config.Labels)
	uid = label[criSandboxUID]
	return uid, label[criSandboxNS] + "/" + label[criSandboxName], label[criContainerType] == "container" && plainName(uid)
}
