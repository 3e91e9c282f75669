// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strconv"
	"syscall"
	"time"
)

// Datagrams between two containers. Each is a number, one more than the one before, and none may be missing. What waits in a
// queue is taken so slowly that there always is some.

func datagramSocket(name string) int {
	socket := must(syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM, 0))
	if name != "" {
		check(syscall.Bind(socket, &syscall.SockaddrUnix{Name: name}))
	}
	return socket
}

// connectWhenThere waits for the other container.
func connectWhenThere(socket int, name string) {
	for syscall.Connect(socket, &syscall.SockaddrUnix{Name: name}) != nil {
		time.Sleep(5 * time.Millisecond)
	}
}

func send(socket, number int) error {
	_, err := syscall.Write(socket, []byte(strconv.Itoa(number)))
	return err
}

func receive(socket, expected int) error {
	var data [32]byte
	n, err := syscall.Read(socket, data[:])
	if err == nil && string(data[:n]) != strconv.Itoa(expected) {
		err = fmt.Errorf("datagram %q, expected %d", data[:n], expected)
	}
	return err
}

// takes binds a name and reads what comes.
func takes(name string) func(string) func(int) error {
	return func(string) func(int) error {
		socket := datagramSocket(name)
		return func(i int) error {
			time.Sleep(10 * time.Millisecond)
			return receive(socket, i)
		}
	}
}

// logs sends to a name. It stands still while the queue is full.
func logs(name string) func(string) func(int) error {
	return func(string) func(int) error {
		socket := datagramSocket("")
		connectWhenThere(socket, name)
		return func(i int) error { return send(socket, i) }
	}
}

// talks is connected with one that is connected with it. Both send first, so that something is always under way.
func talks(own, other string) func(string) func(int) error {
	return func(string) func(int) error {
		socket := datagramSocket(own)
		connectWhenThere(socket, other)
		return func(i int) error {
			if err := send(socket, i); err != nil {
				return err
			}
			return receive(socket, i)
		}
	}
}
