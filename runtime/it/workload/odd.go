// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"time"
)

var kinds = map[string]func(dir string) func(i int) error{
	"renamed": renamed, "unnamed": unnamed, "timers": timers, "attributes": attributes,
	"configured": reading("/config/greeting"), "mounted": reading("/etc/app.conf"),
	"asks": asks("unix", "/shared/stream"), "answers": answers("unix", "/own/stream"),
	"asks-abstract": asks("unix", "@stream"), "answers-abstract": answers("unix", "@stream"),
	"asks-packet": asks("unixpacket", "/shared/packets"), "answers-packet": answers("unixpacket", "/own/packets"),
	"speaks": speaks("@half"), "hears": hears("@half"),
	"pours": pours, "drinks": drinks,
	"takes": takes("/own/log"), "logs": logs("/shared/log"),
	"takes-abstract": takes("@log"), "logs-abstract": logs("@log"),
	"talks-a": talks("/shared/a", "/shared/b"), "talks-b": talks("/shared/b", "/shared/a"),
}

// odd has what some programs have, and counts in DIR/count for as long as it works.
func odd(kind, dir string) {
	step := kinds[kind](dir)
	for i := 0; ; i++ {
		if err := step(i); err != nil {
			os.WriteFile(dir+"/problem", []byte(err.Error()), 0o644)
			os.Exit(1)
		}
		write(dir+"/count", i)
		time.Sleep(5 * time.Millisecond)
	}
}

// renamed keeps a file open whose first name is gone and that has got a second one by a link, as locks of Python's
// multiprocessing do.
func renamed(dir string) func(int) error {
	file := must(os.OpenFile(dir+"/first", os.O_CREATE|os.O_RDWR, 0o600))
	check(os.Link(dir+"/first", dir+"/second"))
	check(os.Remove(dir + "/first"))
	return func(i int) error {
		_, err := file.WriteAt([]byte(strconv.Itoa(i)), 0)
		return err
	}
}

// reading keeps a file open, and tells what it reads there.
func reading(path string) func(string) func(int) error {
	return func(dir string) func(int) error {
		file := must(os.Open(path))
		return func(int) error {
			content := make([]byte, 100)
			n, err := file.ReadAt(content, 0)
			if err != io.EOF {
				return err
			}
			return os.WriteFile(dir+"/kept", content[:n], 0o644)
		}
	}
}

// unnamed keeps a large file open that has no name.
func unnamed(dir string) func(int) error {
	file := must(os.OpenFile(dir+"/large", os.O_CREATE|os.O_RDWR, 0o600))
	check(os.Remove(dir + "/large"))
	content := fill(5 << 20)
	must(file.Write(content))
	return func(int) error {
		now := make([]byte, len(content))
		if _, err := file.ReadAt(now, 0); err != nil {
			return err
		}
		if !bytes.Equal(now, content) {
			return errors.New("the file has changed")
		}
		return nil
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
