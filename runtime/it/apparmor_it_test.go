// SPDX-License-Identifier: Apache-2.0

//go:build it

package it

import (
	"encoding/json"
	"strings"
	"testing"
)

// confine rewrites what the container's configuration says of AppArmor.
func (c *container) confine(profile string) {
	c.t.Helper()
	config := containerConfig(c.pod, c.name, c.id, list{"/workload", "count", "/data"})
	config["process"].(object)["apparmorProfile"] = profile
	raw, _ := json.Marshal(config)
	write(c.t, c.bundle+"/config.json", string(raw))
}

// On a node without AppArmor too: nothing there confines what has to be.
func TestAContainerThatWouldNotBeConfinedIsNotResumed(t *testing.T) {
	source := newPod(t, "").container("app")
	source.confine("")
	source.start()
	eventually(t, "the source's count", func() bool { return source.count() > 20 })
	unconfined := source.checkpoint()

	a := startAgent(t)
	c := newPod(t, "m1").container("app")
	c.confine(profile)
	c.start()
	a.accept()
	unconfined.arrive(c.pod)
	a.restore(unconfined.image)

	if s := a.expect("failed"); !strings.Contains(s.Error, "not confined by AppArmor, expected profile \""+profile+"\"") {
		t.Fatal(s.Error)
	}
	c.expectNothingRan(unconfined)
}
