// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"net/http"
	"sync"
)

// calls counts how often each numbered call was executed: the proof that none was lost or doubled.
type calls struct {
	mutex  sync.Mutex
	counts map[string]int
}

func (c *calls) register() {
	c.counts = map[string]int{}
	http.HandleFunc("POST /calls/{number}", func(w http.ResponseWriter, r *http.Request) {
		c.mutex.Lock()
		c.counts[r.PathValue("number")]++
		c.mutex.Unlock()
	})
	http.HandleFunc("GET /calls", func(w http.ResponseWriter, _ *http.Request) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(c.counts)
	})
}
