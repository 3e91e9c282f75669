// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
)

// streamsFile lies beside CRIU's images: which descriptors of which process a restore is to take for its stream sockets.
const streamsFile = "carovana-streams.json"

// stream is one end of a connection between two containers, as the dump of its container has it.
type stream struct {
	images string
	socket message
	peer   *credentials // what the other end is seen as, at the source
	fd     int
}

func (s *stream) inode() uint64 { return s.socket.number(unixInode) }
func (s *stream) name() string  { return string(s.socket.inner(unixName)) }

// streamsOffered is where a restore finds its ends.
type streamsOffered struct {
	Keeper  process
	Sockets map[uint64]int // by inodes at the source
}

// keepStreams is a verb of the agent's, before the containers of a pod are restored. A connection cannot be made of two halves: so it
// makes the pod's connections anew, with what was in them, and keeps them until its input ends. Each restore takes its ends from it.
func (n node) keepStreams(images, podUID string) error {
	runtime.LockOSThread() // the thread is changed for good, and ends with the verb
	records, err := n.records(podUID)
	if err != nil || len(records) == 0 {
		return errors.Join(err, errors.New("no container is held"))
	}
	for _, rec := range records {
		if rec.State != held { // it has ends that nobody else can get any more
			return fmt.Errorf("container %s is %s, expected %s", rec.Container, rec.State, held)
		}
	}
	if err := enterNetwork(records[0].Netns); err != nil {
		return err
	}
	ends := map[uint64]*stream{}
	for _, rec := range records {
		if err := addStreams(ends, filepath.Join(images, rec.Container, "checkpoint")); err != nil {
			return fmt.Errorf("container %s: %w", rec.Container, err)
		}
	}
	if err := connectStreams(ends, images); err != nil {
		return err
	}
	if err := offerStreams(ends); err != nil {
		return err
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func enterNetwork(path string) error {
	network, err := os.Open(path)
	if err != nil {
		return err
	}
	defer network.Close()
	if _, _, errno := syscall.Syscall(sysSetns, network.Fd(), syscall.CLONE_NEWNET, 0); errno != 0 {
		return fmt.Errorf("enter %s: %w", path, errno)
	}
	return nil
}

// addStreams finds the stream sockets of a container whose other ends are not its own.
func addStreams(ends map[uint64]*stream, images string) error {
	files, err := readMessages(filepath.Join(images, "files.img"))
	if err != nil {
		return err
	}
	var known attributes
	if err := readJSON(filepath.Join(images, attributesFile), &known); err != nil {
		return err
	}
	sockets, external, err := unixSockets(files)
	if err != nil {
		return err
	}
	for _, socket := range sockets {
		if socket != nil && socket.number(unixType) != syscall.SOCK_DGRAM && external[socket.number(unixPeer)] {
			s := &stream{images: images, socket: socket, peer: known.Unix[socket.number(unixInode)].Peer, fd: -1}
			ends[s.inode()] = s
		}
	}
	return nil
}

func connectStreams(ends map[uint64]*stream, scratch string) error {
	for _, one := range ends {
		other := ends[one.socket.number(unixPeer)]
		if other == nil || other.socket.number(unixPeer) != one.inode() {
			return fmt.Errorf("stream socket %d was connected with %d, which no container of the pod has", one.inode(), one.socket.number(unixPeer))
		}
		if one.fd >= 0 {
			continue
		}
		if err := makeStream(one, other, scratch); err != nil {
			return fmt.Errorf("stream sockets %d and %d: %w", one.inode(), other.inode(), err)
		}
	}
	for _, s := range ends { // when both ends are there, and before any is shut down
		if err := s.fill(ends[s.socket.number(unixPeer)]); err != nil {
			return fmt.Errorf("what waits in stream socket %d: %w", s.inode(), err)
		}
	}
	for _, s := range ends {
		if err := s.setOptions(); err != nil {
			return fmt.Errorf("stream socket %d: %w", s.inode(), err)
		}
	}
	return nil
}

func offerStreams(ends map[uint64]*stream) error {
	keeper, err := findProcess(os.Getpid())
	if err != nil {
		return err
	}
	offers := map[string]streamsOffered{}
	for _, s := range ends {
		if offers[s.images].Sockets == nil {
			offers[s.images] = streamsOffered{Keeper: keeper, Sockets: map[uint64]int{}}
		}
		offers[s.images].Sockets[s.inode()] = s.fd
	}
	for images, offer := range offers {
		data, err := json.Marshal(offer)
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(images, streamsFile), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// firstStream is the number of the first descriptor that is handed to CRIU, by way of runc, which uses those below.
const firstStream = 100

// takeStreams gets the container's ends of what keepStreams has made: as files for the restore, and in options of CRIU's.
func takeStreams(images string) (files []*os.File, options string, err error) {
	var offer streamsOffered
	if err := readJSON(filepath.Join(images, streamsFile), &offer); err != nil {
		return nil, "", err
	}
	if len(offer.Sockets) > 0 && !offer.Keeper.alive() {
		return nil, "", errors.New("the streams between the pod's containers are not kept any more")
	}
	for inode, fd := range offer.Sockets {
		socket, err := takeDescriptor(offer.Keeper.PID, fd)
		if err != nil {
			return nil, "", fmt.Errorf("stream socket %d: %w", inode, err)
		}
		options += fmt.Sprintf("inherit-fd fd[%d]:socket:[%d]\n", firstStream+len(files), inode)
		files = append(files, os.NewFile(uintptr(socket), "stream"))
	}
	return files, options, nil
}

// inheriting puts files where takeStreams has said.
func inheriting(files []*os.File) []*os.File {
	stdio := []*os.File{os.Stdin, os.Stdout, os.Stderr} // the container's own: runc hands them to it
	if len(files) == 0 {
		return stdio
	}
	return slices.Concat(stdio, make([]*os.File, firstStream-len(stdio)), files)
}

// inherit takes the container's streams, if there are any. A restore that has been started ahead has not got them: it ends.
func (h *holder) inherit(cmd command) (err error) {
	h.closeStreams()
	if h.streams, h.streamOptions, err = takeStreams(cmd.ImagePath); err != nil || len(h.streams) == 0 {
		return err
	}
	if h.restore != nil && !h.restore.done {
		if !h.clearRestored() {
			return errors.New("the restore that was started ahead does not end")
		}
		h.restore.ended()
	}
	return nil
}

// closeStreams: while anybody has an end open, the other one is not told that it is closed.
func (h *holder) closeStreams() {
	for _, file := range h.streams {
		file.Close()
	}
	h.streams = nil
}
