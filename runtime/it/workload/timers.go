// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// timer is one behind a file descriptor.
type timer int

const absolute = 1

func newTimer(first, interval time.Duration, flags uintptr) timer {
	const timerfdCreate, timerfdSettime, monotonic = 283, 286, 1
	fd, _, errno := syscall.Syscall(timerfdCreate, monotonic, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errno != 0 {
		panic(errno)
	}
	at := [2]syscall.Timespec{syscall.NsecToTimespec(int64(interval)), syscall.NsecToTimespec(int64(first))}
	if flags == absolute {
		now := syscall.Timespec{}
		syscall.Syscall(syscall.SYS_CLOCK_GETTIME, monotonic, uintptr(unsafe.Pointer(&now)), 0)
		at[1] = syscall.NsecToTimespec(now.Nano() + int64(first))
	}
	if _, _, errno := syscall.Syscall6(timerfdSettime, fd, flags, uintptr(unsafe.Pointer(&at)), 0, 0, 0); errno != 0 {
		panic(errno)
	}
	return timer(fd)
}

// ticks since they were asked for last, 0 if there were none.
func (t timer) ticks() uint64 {
	var data [8]byte
	if n, _ := syscall.Read(int(t), data[:]); n != len(data) {
		return 0
	}
	return binary.LittleEndian.Uint64(data[:])
}

// timers are read so seldom that they are due nearly always. It works for as long as all of them tick.
func timers(dir string) func(int) error {
	var periodic []timer
	for _, interval := range []time.Duration{10 * time.Millisecond, 50 * time.Millisecond, 200 * time.Millisecond} {
		periodic = append(periodic, newTimer(interval, interval, 0), newTimer(interval, interval, absolute))
	}
	once := newTimer(time.Millisecond, 0, 0)
	over := newTimer(time.Millisecond, 0, absolute)
	for over.ticks() == 0 {
		time.Sleep(time.Millisecond)
	}
	late := newTimer(time.Hour, 0, absolute)
	return func(int) error {
		time.Sleep(time.Second)
		for _, t := range periodic {
			for t.ticks() == 0 {
				time.Sleep(5 * time.Millisecond)
			}
		}
		if n := over.ticks() + late.ticks(); n > 0 {
			return fmt.Errorf("a timer that is over, or not due for long, has ticked %d times", n)
		}
		if _, err := os.Stat(dir + "/collect"); err == nil {
			write(dir+"/collected", int(once.ticks()))
			os.Remove(dir + "/collect")
		}
		return nil
	}
}
