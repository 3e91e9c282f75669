// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

// Streams between two containers. asks ends its own once there is a file DIR/close. Both ends send numbers some way ahead of what they read, so that there always is something under way.

const ahead = 20

func turn(c *net.UnixConn) func(int) error {
	first := identity(c)
	return func(i int) error {
		if now := identity(c); now != first {
			return fmt.Errorf("the stream is %s, first %s", now, first)
		}
		if err := binary.Write(c, binary.LittleEndian, uint64(i)); err != nil {
			return err
		}
		if i < ahead {
			return nil
		}
		return expect(c, i-ahead)
	}
}

// identity is what a program can ask of a stream: names, users, options.
func identity(c *net.UnixConn) (facts string) {
	raw := must(c.SyscallConn())
	check(raw.Control(func(fd uintptr) {
		user := must(syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED))
		flags := call(syscall.SYS_FCNTL, fd, syscall.F_GETFL, 0)
		facts = fmt.Sprint(c.LocalAddr(), c.RemoteAddr(), must(syscall.Getsockname(int(fd))), must(syscall.Getpeername(int(fd))),
			*user, flags, must(syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF)),
			must(syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_PRIORITY)))
	}))
	return facts
}

func answers(network, name string) func(string) func(int) error {
	return func(string) func(int) error {
		return turn(must(must(net.Listen(network, name)).Accept()).(*net.UnixConn))
	}
}

func asks(network, name string) func(string) func(int) error {
	return func(dir string) func(int) error {
		for {
			if c, err := net.Dial(network, name); err == nil {
				raw := must(c.(*net.UnixConn).SyscallConn())
				check(raw.Control(func(fd uintptr) {
					check(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, 20000))
					check(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_PRIORITY, 3))
				}))
				step := turn(c.(*net.UnixConn))
				return func(i int) error {
					if _, err := os.Stat(dir + "/close"); err == nil {
						c.Close()
						return nil
					}
					return step(i)
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}
