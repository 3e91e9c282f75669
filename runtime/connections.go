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
	"syscall"
	"unsafe"
)

// connectionsFile lies beside CRIU's images: datagram sockets that are to be connected when all containers are restored.
const connectionsFile = "carovana-connections.json"

// Of sk-unix.proto of CRIU.
const (
	unixInode = 2
	unixType  = 3
	unixFlags = 6
	unixPeer  = 8

	unixExternal = 1 // nobody in the dump has it: a container's peer in another one
)

// connection leads from a datagram socket to one of another container, by the numbers that they had at the source.
type connection struct{ From, To uint64 }

// deferConnections takes out of a container's files what CRIU cannot restore by itself: it would connect to a name that another
// restore may not have bound yet, and that may be another socket's in this container. See docs/adr/0031.
func deferConnections(files []message) (connections []connection, err error) {
	sockets, external, err := unixSockets(files)
	if err != nil {
		return nil, err
	}
	for i, socket := range sockets {
		if peer := socket.number(unixPeer); socket.number(unixType) == syscall.SOCK_DGRAM && external[peer] {
			connections = append(connections, connection{From: socket.number(unixInode), To: peer})
			socket.set(unixPeer, 0)
			files[i].setInner(fileUnix, socket.encode())
		}
	}
	return connections, nil
}

// unixSockets has for each file what CRIU says of it as a unix socket, and the inodes of those that the dump names but has not.
func unixSockets(files []message) (sockets []message, external map[uint64]bool, err error) {
	sockets, external = make([]message, len(files)), map[uint64]bool{}
	for i, file := range files {
		if sockets[i], err = parseMessage(file.inner(fileUnix)); err != nil {
			return nil, nil, err
		}
		if sockets[i].number(unixFlags)&unixExternal != 0 {
			external[sockets[i].number(unixInode)] = true
		}
	}
	return sockets, external, nil
}

// writeConnections comes before the images are changed, which tell it only once.
func writeConnections(images string, connections []connection) error {
	data, err := json.Marshal(connections)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(images, connectionsFile), data, 0o600)
}

// connectSockets is a verb of the agent's, for a pod whose containers are restored and stopped. It may be done twice.
func (n node) connectSockets(images, podUID string) error {
	records, err := n.records(podUID)
	if err != nil {
		return err
	}
	restored, all := map[uint64]socketPlace{}, []connection{}
	for _, rec := range records {
		folder := filepath.Join(images, rec.Container, "checkpoint")
		if err := addSockets(restored, folder, rec.Groups.pids()); err != nil {
			return fmt.Errorf("container %s: %w", rec.Container, err)
		}
		var some []connection
		if err := readJSON(filepath.Join(folder, connectionsFile), &some); err != nil {
			return fmt.Errorf("container %s: %w", rec.Container, err)
		}
		all = append(all, some...)
	}
	for _, c := range all {
		if err := c.restore(restored); err != nil {
			return fmt.Errorf("datagram socket %d, which was connected to %d: %w", c.From, c.To, err)
		}
	}
	return nil
}

// addSockets says where in the processes of a container the unix sockets are now that it had at the source.
func addSockets(restored map[uint64]socketPlace, images string, pids []int) error {
	var all attributes
	if err := readJSON(filepath.Join(images, attributesFile), &all); err != nil {
		return err
	}
	ids, err := innerIDs(pids)
	for inode, socket := range all.Unix {
		restored[inode] = socketPlace{PID: ids[socket.Place.PID], FD: socket.Place.FD}
	}
	return err
}

func (c connection) restore(restored map[uint64]socketPlace) error {
	from, to := restored[c.From], restored[c.To]
	if from.PID == 0 || to.PID == 0 {
		return errors.New("no container of the pod has both")
	}
	return withSocket(from.PID, from.FD, func(socket int) error {
		return withSocket(to.PID, to.FD, func(target int) error { return connectTo(socket, target) })
	})
}

const unixFile = 0x89e0 // SIOCUNIXFILE

// connectTo connects to what another socket is bound to, whatever its path is, or has become.
func connectTo(socket, target int) error {
	file, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(target), unixFile, 0)
	if errno == 0 {
		defer syscall.Close(int(file))
		return syscall.Connect(socket, &syscall.SockaddrUnix{Name: "/proc/self/fd/" + strconv.Itoa(int(file))})
	}
	if errno != syscall.ENOENT { // an abstract name has no file
		return fmt.Errorf("open the file of the socket: %w", errno)
	}
	var address syscall.RawSockaddrUnix
	length := uint32(unsafe.Sizeof(address))
	if _, _, errno := syscall.Syscall(syscall.SYS_GETSOCKNAME, uintptr(target), uintptr(unsafe.Pointer(&address)), uintptr(unsafe.Pointer(&length))); errno != 0 {
		return errno
	}
	return connectRaw(socket, &address, uintptr(length))
}

// readJSON leaves the value as it is if there is no file.
func readJSON(path string, value any) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(data, value)
}
