// SPDX-License-Identifier: Apache-2.0
// ---
// what: Go with a CPU profile under way, and whatever else has a POSIX timer for one of its threads (`SIGEV_THREAD`, `SIGEV_THREAD_ID`)
// expect: refused ThreadTimer
// note: "CRIU restores timers before threads: stop the profile"
// from: checkpoint-restore/criu#2996, checkpoint-restore/criu#3117
// ---

package main

import (
	"fmt"
	"io"
	"net/http"
	"runtime/pprof"
	"sync/atomic"
)

func main() {
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		panic(err)
	}
	go func() {
		for x := 1; ; x++ { // what is profiled: its thread has a timer
			_ = x * x
		}
	}()
	var calls atomic.Int64
	http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"ok": true, "calls": %d}`, calls.Add(1))
	})
	panic(http.ListenAndServe(":8080", nil))
}
