// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// holdOrder is all that a holder needs to know, prepared ahead of the freeze.
type holdOrder struct {
	Node            string
	Record          record
	RuncPath        string
	RestoreConf     string
	Spared          []spared
	Volumes         []string // paths of those that kubelet writes
	Claims          []string // paths of those with a claim
	SystemdCgroup   bool
	NoPivot         bool
	OOMScoreAdj     *int
	AppArmorProfile string
}

func labels(list []string) map[string]string {
	m := make(map[string]string, len(list))
	for _, entry := range list {
		key, value, _ := strings.Cut(entry, "=")
		m[key] = value
	}
	return m
}

const (
	orderFD = 3
	readyFD = 4
	readyOK = "ok"
)

// startHolder starts a holder with the container's own stdio and returns once it is set up.
func startHolder(order holdOrder) (int, error) {
	data, err := json.Marshal(order)
	if err != nil {
		return 0, err
	}
	orderOut, orderIn, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	readyOut, readyIn, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	holder, err := os.StartProcess("/proc/self/exe", []string{"carovana-runc", holdVerb, order.Record.ContainerID}, &os.ProcAttr{
		Dir:   "/",
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr, orderOut, readyIn},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	orderOut.Close()
	readyIn.Close()
	if err != nil {
		return 0, err
	}
	go func() {
		orderIn.Write(data)
		orderIn.Close()
	}()
	answer, err := io.ReadAll(readyOut)
	if err == nil && string(answer) == readyOK {
		return holder.Pid, nil
	}
	holder.Kill()
	holder.Wait()
	if len(answer) == 0 {
		return 0, errors.New("the holder ended before it was set up")
	}
	return 0, fmt.Errorf("%s", answer)
}

func readOrder() (holdOrder, error) {
	var order holdOrder
	in := os.NewFile(orderFD, "order")
	defer in.Close()
	return order, json.NewDecoder(in).Decode(&order)
}
