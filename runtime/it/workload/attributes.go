// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

// attributes has set what only a thread, a process or a socket itself can set, and looks whether it still is so.
func attributes(string) func(int) error {
	runtime.LockOSThread()
	const prSetTimerSlack, ioprioSecondIdle = 29, 2<<13 | 1
	cpus := uint64(1)
	call(syscall.SYS_SCHED_SETAFFINITY, 0, 8, uintptr(unsafe.Pointer(&cpus)))
	call(syscall.SYS_IOPRIO_SET, 1, 0, ioprioSecondIdle)
	call(syscall.SYS_PRCTL, prSetTimerSlack, 1_000_000, 0)
	check(os.WriteFile("/proc/self/coredump_filter", []byte("0x7f"), 0))

	listener, connected, datagram := sockets()
	const userTimeout, fastOpen, multicastTTL = 18, 23, syscall.IP_MULTICAST_TTL
	options := []struct{ socket, level, name, value int }{
		{listener, syscall.IPPROTO_TCP, syscall.TCP_DEFER_ACCEPT, 3},
		{listener, syscall.IPPROTO_TCP, fastOpen, 5},
		{connected, syscall.IPPROTO_TCP, userTimeout, 7777},
		{datagram, syscall.IPPROTO_IP, multicastTTL, 7},
	}
	for _, o := range options {
		check(syscall.SetsockoptInt(o.socket, o.level, o.name, o.value))
	}
	look := func() string {
		facts := []any{call(syscall.SYS_IOPRIO_GET, 1, 0, 0), call(syscall.SYS_PRCTL, prSetTimerSlack+1, 0, 0)}
		var on uint64
		call(syscall.SYS_SCHED_GETAFFINITY, 0, 8, uintptr(unsafe.Pointer(&on)))
		filter := must(os.ReadFile("/proc/self/coredump_filter"))
		facts = append(facts, on, strings.TrimSpace(string(filter)))
		for _, o := range options {
			facts = append(facts, must(syscall.GetsockoptInt(o.socket, o.level, o.name)))
		}
		return fmt.Sprint(facts...)
	}
	first := look()
	return func(int) error {
		if now := look(); now != first {
			return fmt.Errorf("attributes %s, first %s", now, first)
		}
		return nil
	}
}

// sockets are one that listens, one that is connected and one for datagrams.
func sockets() (listener, connected, datagram int) {
	descriptor := func(socket interface{ File() (*os.File, error) }) int { return int(must(socket.File()).Fd()) }
	tcp := must(net.Listen("tcp4", "127.0.0.1:0")).(*net.TCPListener)
	client := must(net.Dial("tcp4", tcp.Addr().String())).(*net.TCPConn)
	must(tcp.Accept())
	udp := must(net.ListenPacket("udp4", "127.0.0.1:0")).(*net.UDPConn)
	return descriptor(tcp), descriptor(client), descriptor(udp)
}

func call(number, a, b, c uintptr) uintptr {
	result, _, errno := syscall.Syscall(number, a, b, c)
	if errno != 0 {
		panic(errno)
	}
	return result
}
