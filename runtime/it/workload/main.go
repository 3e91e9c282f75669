// SPDX-License-Identifier: Apache-2.0

// workload is the process of the test containers: it keeps a count in memory and writes it to a file.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage: workload pause | count DIR [MB] | child DIR | odd KIND DIR
// count: writes its count to DIR/count every 5 ms, ends with the status in DIR/exit once that file exists,
// and allocates without end once DIR/eat exists.
func main() {
	switch os.Args[1] {
	case "pause":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		<-stop
	case "count":
		count(os.Args[2])
	case "odd":
		odd(os.Args[2], os.Args[3])
	case "child":
		for i := 0; ; i++ {
			write(os.Args[2]+"/child", i)
			time.Sleep(5 * time.Millisecond)
		}
	}
}

var memory [][]byte

func count(dir string) {
	if len(os.Args) > 3 {
		mb, _ := strconv.Atoi(os.Args[3])
		memory = append(memory, fill(mb<<20))
	}
	child := exec.Command("/workload", "child", dir)
	if err := child.Start(); err != nil {
		panic(err)
	}
	fmt.Println("started")
	for i := 0; ; i++ {
		write(dir+"/count", i)
		if data, err := os.ReadFile(dir + "/exit"); err == nil {
			code, _ := strconv.Atoi(strings.TrimSpace(string(data)))
			fmt.Println("ending", code)
			os.Exit(code)
		}
		if _, err := os.Stat(dir + "/eat"); err == nil {
			memory = append(memory, touch(4<<20))
			continue
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// touch makes pages count without the work of filling them.
func touch(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += os.Getpagesize() {
		b[i] = 1
	}
	return b
}

func fill(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7 >> 3)
	}
	return b
}

func write(path string, i int) {
	tmp := path + ".tmp"
	if os.WriteFile(tmp, []byte(strconv.Itoa(i)), 0o644) == nil {
		os.Rename(tmp, path)
	}
}
