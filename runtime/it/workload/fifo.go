// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// Numbers through a named pipe between two containers: one more each time, and none may be missing or come twice.

func pours(string) func(int) error {
	syscall.Mkfifo("/shared/pipe", 0o600) // or it is there
	pipe := must(os.OpenFile("/shared/pipe", os.O_WRONLY, 0))
	return func(i int) error { return binary.Write(pipe, binary.LittleEndian, uint64(i)) }
}

// drinks is slower, so that there always is something in the pipe.
func drinks(string) func(int) error {
	syscall.Mkfifo("/shared/pipe", 0o600)
	pipe := must(os.OpenFile("/shared/pipe", os.O_RDONLY, 0))
	return func(i int) error {
		time.Sleep(5 * time.Millisecond)
		var data [8]byte
		if _, err := io.ReadFull(pipe, data[:]); err != nil {
			return err
		}
		if number := binary.LittleEndian.Uint64(data[:]); number != uint64(i) {
			return fmt.Errorf("number %d, expected %d", number, i)
		}
		return nil
	}
}
