// SPDX-License-Identifier: Apache-2.0
// ---
// what: Go with a CPU limit, whose files its runtime keeps open, a ticker, and a child that it waits for by a descriptor (pidfd)
// expect: moves
// from: golang/go#73193, checkpoint-restore/criu#2996, checkpoint-restore/criu#2258
// after: kill
// pod:
//   containers:
//     - {name: main, resources: {limits: {cpu: 500m}}}
// ---

package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"sync/atomic"
	"time"
)

func main() {
	var calls, ticks atomic.Int64
	child := exec.Command("sleep", "1000000")
	if err := child.Start(); err != nil {
		panic(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	go func() {
		for range time.Tick(10 * time.Millisecond) {
			ticks.Add(1)
		}
	}()
	http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		before := ticks.Load()
		time.Sleep(300 * time.Millisecond)
		fmt.Fprintf(w, `{"ok": %t, "calls": %d}`, ticks.Load() > before+5, calls.Add(1))
	})
	http.HandleFunc("/kill", func(w http.ResponseWriter, _ *http.Request) {
		if err := child.Process.Kill(); err != nil {
			panic(err)
		}
		select {
		case err := <-ended:
			fmt.Fprintf(w, `{"ok": %t, "said": %q}`, err != nil, err)
		case <-time.After(3 * time.Second):
			fmt.Fprint(w, `{"ok": false, "said": "the child's end was not told"}`)
		}
	})
	panic(http.ListenAndServe(":8080", nil))
}
