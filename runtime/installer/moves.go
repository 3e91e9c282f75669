// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
)

const runFolder = "/run/carovana"

// steps after which an agent has nothing more to do for a migration; see SourceStep and DestinationStep
var finalSteps = []string{"RELEASED", "THAWED", "LOST", "RESTORED", "NEVER_RESUMED", "CLEANED"}

// movesUnderWay are the migrations of which the agent's records say that they have not ended here. One that cannot be read counts.
func movesUnderWay(t tree) ([]string, error) {
	records, err := filepath.Glob(t.at(runFolder + "/migrations/*/record.json"))
	if err != nil {
		return nil, err
	}
	var found []string
	for _, path := range records {
		record := struct{ Step string }{}
		content, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(content, &record)
		}
		if err != nil || !slices.Contains(finalSteps, record.Step) {
			found = append(found, filepath.Base(filepath.Dir(path)))
		}
	}
	return found, nil
}

// containersOfHandler counts those that were started by carovana-runc: without it they could not even be ended.
func containersOfHandler(t tree, wrapper string) int {
	count := 0
	for _, state := range []string{"/run/containerd", "/run/k3s/containerd", "/run/k0s/containerd"} {
		bundles, _ := filepath.Glob(t.at(state + "/io.containerd.runtime.v2.task/k8s.io/*/runtime"))
		for _, path := range bundles {
			if program, err := os.ReadFile(path); err == nil && string(program) == wrapper {
				count++
			}
		}
	}
	return count
}
