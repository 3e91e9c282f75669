// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// socketOption is one that CRIU does not dump.
type socketOption struct {
	Level, Name int
	Value       []byte
}

// Where the numbers have no names in Go's library.
const (
	soDomain, soTimestamp, soTimestampNano, soBusyPoll = 39, 29, 35, 46
	tcpUserTimeout, tcpFastOpen, tcpNotSentLowat       = 18, 23, 25
	udpSegment, udpGRO                                 = 103, 104
	ipv6ReceiveTrafficClass, ipv6TrafficClass          = 66, 67
)

var socketOptions = []socketOption{
	{Level: syscall.SOL_SOCKET, Name: soTimestamp}, {Level: syscall.SOL_SOCKET, Name: soTimestampNano},
	{Level: syscall.SOL_SOCKET, Name: soBusyPoll},
	{Level: syscall.IPPROTO_TCP, Name: tcpUserTimeout}, {Level: syscall.IPPROTO_TCP, Name: syscall.TCP_DEFER_ACCEPT},
	{Level: syscall.IPPROTO_TCP, Name: tcpFastOpen}, {Level: syscall.IPPROTO_TCP, Name: tcpNotSentLowat},
	{Level: syscall.IPPROTO_TCP, Name: syscall.TCP_SYNCNT}, {Level: syscall.IPPROTO_TCP, Name: syscall.TCP_LINGER2},
	{Level: syscall.IPPROTO_UDP, Name: udpSegment}, {Level: syscall.IPPROTO_UDP, Name: udpGRO},
	{Level: syscall.IPPROTO_IP, Name: syscall.IP_MTU_DISCOVER}, {Level: syscall.IPPROTO_IP, Name: syscall.IP_RECVERR},
	{Level: syscall.IPPROTO_IP, Name: syscall.IP_RECVTTL}, {Level: syscall.IPPROTO_IP, Name: syscall.IP_RECVTOS},
	{Level: syscall.IPPROTO_IPV6, Name: syscall.IPV6_MTU_DISCOVER}, {Level: syscall.IPPROTO_IPV6, Name: syscall.IPV6_RECVERR},
	{Level: syscall.IPPROTO_IPV6, Name: syscall.IPV6_UNICAST_HOPS}, {Level: syscall.IPPROTO_IPV6, Name: ipv6TrafficClass},
	{Level: syscall.IPPROTO_IPV6, Name: ipv6ReceiveTrafficClass},
}

// datagramOptions cannot be set of a stream.
var datagramOptions = []socketOption{
	{Level: syscall.IPPROTO_IP, Name: syscall.IP_MULTICAST_TTL}, {Level: syscall.IPPROTO_IP, Name: syscall.IP_MULTICAST_LOOP},
	{Level: syscall.IPPROTO_IPV6, Name: syscall.IPV6_MULTICAST_HOPS}, {Level: syscall.IPPROTO_IPV6, Name: syscall.IPV6_MULTICAST_LOOP},
}

func optionsOf(socket int) []socketOption {
	if kind := getOption(socket, syscall.SOL_SOCKET, syscall.SO_TYPE); len(kind) > 0 && kind[0] == syscall.SOCK_DGRAM {
		return slices.Concat(socketOptions, datagramOptions)
	}
	return socketOptions
}

// socketGroup is the options that several sockets have alike.
type socketGroup struct {
	Options []socketOption
	Sockets []socketPlace
}

// socketPlace is a descriptor of a process, whose id is that of its own namespace.
type socketPlace struct{ PID, FD int }

// socketReader looks at each socket once, also if several processes have it.
type socketReader struct {
	seen   map[string]bool
	groups map[string]*socketGroup
	unix   map[uint64]unixSocket
}

func (r socketReader) read(pid, inner int) error {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return err
	}
	for _, e := range entries {
		target, _ := os.Readlink(filepath.Join(fmt.Sprintf("/proc/%d/fd", pid), e.Name()))
		if !strings.HasPrefix(target, "socket:[") || r.seen[target] {
			continue
		}
		r.seen[target] = true
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			return err
		}
		err = r.add(pid, target, socketPlace{inner, fd})
		// CRIU has sockets of its own there while it dumps; before Linux 5.6 nobody can look at another's
		if err != nil && !errors.Is(err, syscall.EBADF) && !errors.Is(err, syscall.ENOSYS) {
			return err
		}
	}
	return nil
}

func (r socketReader) add(pid int, name string, place socketPlace) error {
	return withSocket(pid, place.FD, func(socket int) error {
		domain := getOption(socket, syscall.SOL_SOCKET, soDomain)
		if len(domain) > 0 && domain[0] == syscall.AF_UNIX {
			return r.addUnix(socket, name, place)
		}
		if !isInternet(domain) {
			return nil
		}
		var options []socketOption
		for _, o := range optionsOf(socket) {
			if o.Value = getOption(socket, o.Level, o.Name); o.Value != nil {
				options = append(options, o)
			}
		}
		key, err := json.Marshal(options)
		if err != nil {
			return err
		}
		if r.groups[string(key)] == nil {
			r.groups[string(key)] = &socketGroup{Options: options}
		}
		group := r.groups[string(key)]
		group.Sockets = append(group.Sockets, place)
		return nil
	})
}

// unixSocket is one of a container's. Who its other end is seen as matters for streams only.
type unixSocket struct {
	Place socketPlace
	Peer  *credentials `json:",omitempty"`
}

func (r socketReader) addUnix(socket int, name string, place socketPlace) error {
	inode, err := strconv.ParseUint(name[len("socket:["):len(name)-1], 10, 64)
	found := unixSocket{Place: place}
	if kind := getOption(socket, syscall.SOL_SOCKET, syscall.SO_TYPE); err == nil && len(kind) > 0 && kind[0] != syscall.SOCK_DGRAM {
		found.Peer, err = readCredentials(socket)
	}
	r.unix[inode] = found
	return err
}

func isInternet(domain []byte) bool {
	return len(domain) > 0 && (domain[0] == syscall.AF_INET || domain[0] == syscall.AF_INET6)
}

func (r socketReader) all() (groups []socketGroup) {
	for _, g := range r.groups {
		groups = append(groups, *g)
	}
	return groups
}

// set changes what a restored socket has otherwise.
func (g socketGroup) set(ids map[int]int) error {
	for _, place := range g.Sockets {
		err := withSocket(ids[place.PID], place.FD, func(socket int) error {
			for _, o := range g.Options {
				if bytes.Equal(getOption(socket, o.Level, o.Name), o.Value) {
					continue
				}
				if err := syscall.SetsockoptString(socket, o.Level, o.Name, string(o.Value)); err != nil {
					return fmt.Errorf("set option %d of level %d to %v: %w", o.Name, o.Level, o.Value, err)
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("process %d, socket %d: %w", place.PID, place.FD, err)
		}
	}
	return nil
}

const (
	sysPidfdOpen  = 434
	sysPidfdGetfd = 438
)

// withSocket acts on a socket of another process.
func withSocket(pid, fd int, act func(socket int) error) error {
	socket, err := takeDescriptor(pid, fd)
	if err != nil {
		return err
	}
	defer syscall.Close(socket)
	return act(socket)
}

// takeDescriptor gets what another process has open.
func takeDescriptor(pid, fd int) (int, error) {
	process, _, errno := syscall.Syscall(sysPidfdOpen, uintptr(pid), 0, 0)
	if errno != 0 {
		return 0, fmt.Errorf("open process %d: %w", pid, errno)
	}
	defer syscall.Close(int(process))
	taken, _, errno := syscall.Syscall(sysPidfdGetfd, process, uintptr(fd), 0)
	if errno != 0 {
		return 0, fmt.Errorf("get descriptor %d of process %d: %w", fd, pid, errno)
	}
	return int(taken), nil
}

// getOption gives nil for an option that the socket does not have.
func getOption(socket, level, name int) []byte {
	value := make([]byte, 4)
	length := uint32(len(value))
	_, _, errno := syscall.Syscall6(syscall.SYS_GETSOCKOPT, uintptr(socket), uintptr(level), uintptr(name),
		uintptr(unsafe.Pointer(&value[0])), uintptr(unsafe.Pointer(&length)), 0)
	if errno != 0 {
		return nil
	}
	return value[:length]
}
