// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unsafe"
)

// makeStream connects two sockets as they were: their names are what they were bound to, and each sees the other as who it was. What
// has no name is taken for the end that connected; which one did can be seen nowhere else.
func makeStream(one, other *stream, scratch string) error {
	if one.peer == nil || other.peer == nil {
		return errors.New("SO_PEERCRED is not in the dump")
	}
	accepting, connecting := one, other
	if one.name() == "" {
		accepting, connecting = other, one
	}
	if accepting.name() == "" {
		return errors.New("neither has a name")
	}
	restoreRoot, err := changeRoot(scratch)
	if err != nil {
		return err
	}
	defer restoreRoot()
	kind := int(accepting.socket.number(unixType)) | syscall.SOCK_CLOEXEC
	listener, err := syscall.Socket(syscall.AF_UNIX, kind, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(listener)
	if connecting.fd, err = syscall.Socket(syscall.AF_UNIX, kind, 0); err != nil {
		return err
	}
	address, length, err := bind(listener, accepting)
	if err == nil && connecting.name() != "" {
		_, _, err = bind(connecting.fd, connecting)
	}
	if err == nil {
		// the end that connects sees who listens, the other one who connects
		err = connecting.peer.as(func() error { return syscall.Listen(listener, 1) })
	}
	if err == nil {
		err = accepting.peer.as(func() error { return connectRaw(connecting.fd, address, length) })
	}
	if err != nil {
		return err
	}
	accepting.fd, _, err = syscall.Accept4(listener, syscall.SOCK_CLOEXEC)
	return err
}

// changeRoot has this thread see a new folder as its root: names are bound there that are nothing to anybody.
func changeRoot(scratch string) (back func(), err error) {
	folder, err := os.MkdirTemp(scratch, "names")
	if err != nil {
		return nil, err
	}
	root, err := os.Open("/")
	if err == nil {
		err = os.Chmod(folder, 0o755) // for who connects
	}
	if err == nil {
		err = syscall.Unshare(syscall.CLONE_FS)
	}
	if err == nil {
		err = syscall.Chroot(folder)
	}
	if err == nil {
		err = syscall.Chdir("/")
	}
	if err != nil {
		return nil, err
	}
	return func() {
		syscall.Fchdir(int(root.Fd()))
		syscall.Chroot(".")
		root.Close()
		os.RemoveAll(folder)
	}, nil
}

// bind gives a socket its name, and says what it is as an address.
func bind(socket int, s *stream) (address *syscall.RawSockaddrUnix, length uintptr, err error) {
	address = &syscall.RawSockaddrUnix{Family: syscall.AF_UNIX}
	name := s.name()
	if len(name) > len(address.Path) {
		return nil, 0, fmt.Errorf("name of %d bytes", len(name))
	}
	for i := range len(name) {
		address.Path[i] = int8(name[i])
	}
	length = unsafe.Offsetof(address.Path) + uintptr(len(name))
	if name[0] != 0 {
		if err := os.MkdirAll(filepath.Dir(cString(name)), 0o755); err != nil {
			return nil, 0, err
		}
	}
	if _, _, errno := syscall.Syscall(syscall.SYS_BIND, uintptr(socket), uintptr(unsafe.Pointer(address)), length); errno != 0 {
		return nil, 0, fmt.Errorf("bind to %q: %w", name, errno)
	}
	if name[0] != 0 {
		err = os.Chmod(cString(name), 0o777) // for who connects
	}
	return address, length, err
}

// cString is a name without the zero that some programs count as a part of it.
func cString(name string) string {
	name, _, _ = strings.Cut(name, "\x00")
	return name
}

// fill puts into a socket what waits in it, by way of its other end.
func (s *stream) fill(other *stream) error {
	packets, err := readQueue(filepath.Join(s.images, "sk-queues.img"), s.socket.number(unixID))
	if err != nil || len(packets) == 0 {
		return err
	}
	const most = 1 << 28
	if err := syscall.SetsockoptInt(other.fd, syscall.SOL_SOCKET, soSendBufferForce, most); err != nil {
		return err
	}
	for _, p := range packets {
		n, err := syscall.SendmsgN(other.fd, p, nil, nil, syscall.MSG_DONTWAIT)
		if err == nil && n != len(p) {
			err = fmt.Errorf("%d of %d bytes were taken", n, len(p))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Of sk-packet.proto of CRIU.
const packetFor, packetLength, packetRights = 1, 2, 4

// readQueue finds what waits in a socket. Each entry is followed by its data.
func readQueue(path string, id uint64) (packets [][]byte, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	broken := fmt.Errorf("%s is cut short", filepath.Base(path))
	if len(data) < imageHeader {
		return nil, broken
	}
	for rest := data[imageHeader:]; len(rest) > 0; {
		if len(rest) < 4 || uint64(len(rest)-4) < uint64(binary.LittleEndian.Uint32(rest)) {
			return nil, broken
		}
		end := 4 + int(binary.LittleEndian.Uint32(rest))
		entry, err := parseMessage(rest[4:end])
		if err != nil {
			return nil, err
		}
		if uint64(len(rest)-end) < entry.number(packetLength) {
			return nil, broken
		}
		next := end + int(entry.number(packetLength))
		if entry.number(packetFor) == id {
			if entry.inner(packetRights) != nil {
				return nil, errors.New("descriptors are on their way")
			}
			packets = append(packets, rest[end:next])
		}
		rest = rest[next:]
	}
	return packets, nil
}
