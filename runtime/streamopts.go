// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"
)

const (
	soSendBufferForce, soReceiveBufferForce = 32, 33
	soPassSecurity, soBufferLock            = 34, 72
)

// Of sk-unix.proto, sk-opts.proto and fown.proto of CRIU.
const (
	unixID, unixFileFlags, unixOwner, unixOptions, unixName, unixShutdown = 1, 5, 9, 10, 11, 12

	optSendBuffer, optReceiveBuffer     = 1, 2
	optSendSeconds, optSendMicros       = 3, 4
	optReceiveSeconds, optReceiveMicros = 5, 6
	optPriority, optLowWater, optMark   = 8, 9, 10
	optPassCred, optPassSec             = 11, 12
	optFilter, optBufferLock            = 16, 25
	ownerPID                            = 5
)

// setOptions comes last: a socket that is shut down takes no data any more.
func (s *stream) setOptions() error {
	options, err := parseMessage(s.socket.inner(unixOptions))
	if err != nil {
		return err
	}
	owner, err := parseMessage(s.socket.inner(unixOwner))
	if err != nil {
		return err
	}
	if owner.number(ownerPID) != 0 || options.has(optFilter) {
		return errors.New("a signal for its owner (F_SETOWN), or a packet filter, is not restored")
	}
	numbers := []struct{ name, field, divisor int }{
		{soSendBufferForce, optSendBuffer, 2}, {soReceiveBufferForce, optReceiveBuffer, 2}, // the kernel doubles them
		{syscall.SO_PRIORITY, optPriority, 1}, {syscall.SO_MARK, optMark, 1}, {syscall.SO_RCVLOWAT, optLowWater, 1},
		{syscall.SO_PASSCRED, optPassCred, 1}, {soPassSecurity, optPassSec, 1}, {soBufferLock, optBufferLock, 1},
	}
	for _, n := range numbers {
		if !options.has(uint64(n.field)) {
			continue
		}
		if err := syscall.SetsockoptInt(s.fd, syscall.SOL_SOCKET, n.name, int(options.number(uint64(n.field)))/n.divisor); err != nil {
			return fmt.Errorf("option %d: %w", n.name, err)
		}
	}
	send := syscall.Timeval{Sec: int64(options.number(optSendSeconds)), Usec: int64(options.number(optSendMicros))}
	receive := syscall.Timeval{Sec: int64(options.number(optReceiveSeconds)), Usec: int64(options.number(optReceiveMicros))}
	err = errors.Join(syscall.SetsockoptTimeval(s.fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &send),
		syscall.SetsockoptTimeval(s.fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &receive),
		syscall.SetNonblock(s.fd, s.socket.number(unixFileFlags)&syscall.O_NONBLOCK != 0))
	if how := s.socket.number(unixShutdown); err == nil && how != 0 {
		err = syscall.Shutdown(s.fd, int(how)-1)
	}
	return err
}

// credentials are what a socket tells of who made its other end.
type credentials struct{ UID, GID uint32 }

func readCredentials(socket int) (*credentials, error) {
	c, err := syscall.GetsockoptUcred(socket, syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	if err != nil {
		return nil, err
	}
	return &credentials{UID: c.Uid, GID: c.Gid}, nil
}

// as acts as another user. It is this thread only that changes.
func (c credentials) as(act func() error) error {
	const same = ^uintptr(0)
	set := func(uid, gid uintptr) error {
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESGID, same, gid, same); errno != 0 {
			return errno
		}
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, same, uid, same); errno != 0 {
			return errno
		}
		return nil
	}
	if err := set(uintptr(c.UID), uintptr(c.GID)); err != nil {
		return err
	}
	err := act()
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, same, 0, same); errno != 0 {
		return errors.Join(err, errno)
	}
	return errors.Join(err, set(0, 0))
}

func connectRaw(socket int, address *syscall.RawSockaddrUnix, length uintptr) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_CONNECT, uintptr(socket), uintptr(unsafe.Pointer(address)), length); errno != 0 {
		return errno
	}
	return nil
}
