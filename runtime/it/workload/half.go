// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// spoken is how many numbers a stream has whose sender then says that it sends no more. They fit into it at once.
const spoken = 200

// speaks has two streams to one name. In one it has said all, and is told as much.
func speaks(name string) func(string) func(int) error {
	return func(string) func(int) error {
		var streams [2]*net.UnixConn
		for i := range streams {
			for streams[i] == nil {
				if c, err := net.Dial("unix", name); err == nil {
					streams[i] = c.(*net.UnixConn)
				}
				time.Sleep(5 * time.Millisecond)
			}
		}
		for i := range spoken {
			check(binary.Write(streams[0], binary.LittleEndian, uint64(i)))
		}
		check(streams[0].CloseWrite())
		other := turn(streams[1])
		return func(i int) error { return errors.Join(expect(streams[0], i), other(i)) }
	}
}

// hears takes one number at a time, and tells it back.
func hears(name string) func(string) func(int) error {
	return func(string) func(int) error {
		listener := must(net.Listen("unix", name))
		first := must(listener.Accept()).(*net.UnixConn)
		other := turn(must(listener.Accept()).(*net.UnixConn))
		return func(i int) error {
			err := binary.Write(first, binary.LittleEndian, uint64(i))
			if i < spoken {
				err = errors.Join(err, expect(first, i))
			} else if n, end := first.Read(make([]byte, 1)); end != io.EOF {
				err = fmt.Errorf("%d bytes and %v after the end", n, end)
			}
			return errors.Join(err, other(i))
		}
	}
}

func expect(stream io.Reader, number int) error {
	var got uint64
	err := binary.Read(stream, binary.LittleEndian, &got)
	if err == nil && got != uint64(number) {
		err = fmt.Errorf("number %d, expected %d", got, number)
	}
	return err
}
