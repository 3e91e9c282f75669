// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"strconv"
	"strings"
)

// tight uses all but a megabyte of its memory.
func tight(string) func(int) error {
	const left, part = 1 << 20, 256 << 10
	for limit := cgroupNumber("memory.max", "memory/memory.limit_in_bytes"); cgroupNumber("memory.current", "memory/memory.usage_in_bytes") < limit-left; {
		memory = append(memory, fill(part))
	}
	return func(i int) error {
		if b := memory[i%len(memory)]; b[100] != byte(100*7>>3) {
			return errors.New("memory has changed")
		}
		return nil
	}
}

// cgroupNumber reads the container's own cgroup, of version 2 or 1.
func cgroupNumber(files ...string) int {
	for _, file := range files {
		if data, err := os.ReadFile("/sys/fs/cgroup/" + file); err == nil {
			return must(strconv.Atoi(strings.TrimSpace(string(data))))
		}
	}
	panic("no cgroup is mounted")
}
