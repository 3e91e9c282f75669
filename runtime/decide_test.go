// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

func TestCreateDecision(t *testing.T) {
	plain := map[string]string{criContainerName: "app", criSandboxNS: "functions", criSandboxName: "cart-1"}
	moved := map[string]string{criContainerName: "app", criSandboxNS: "functions", criSandboxName: "cart-2", migrationAnnotation: "m1"}
	settled := map[string]string{criContainerName: "app", criSandboxNS: "functions", criSandboxName: "cart-2", migrationAnnotation: ""}
	leaving := map[string]string{criContainerName: "app", criSandboxNS: "functions", criSandboxName: "cart-1", fencedByAnnotation: "m1"}
	stayed := map[string]string{criContainerName: "app", criSandboxNS: "functions", criSandboxName: "cart-1", fencedByAnnotation: ""}
	in := func(s state) *record { return &record{State: s} }
	for _, test := range []struct {
		name        string
		annotations map[string]string
		fenced      bool
		runs        bool
		earlier     *record
		want        action
		reason      string
	}{
		{"ordinary instance", plain, false, false, nil, passOn, ""},
		{"fenced source", plain, true, false, nil, refuse, "functions/cart-1 is fenced"},
		{"fenced destination", moved, true, false, in(held), refuse, "fenced"},
		{"first create at the destination", moved, false, false, nil, hold, ""},
		{"the holder was killed", moved, false, false, in(held), hold, ""},
		{"killed while restoring", moved, false, false, in(restoring), refuse, "in doubt"},
		{"killed before resume", moved, false, false, in(restored), refuse, "in doubt"},
		{"failed or discarded", moved, false, false, in(failed), refuse, "in doubt"},
		{"restart after resume is cold", moved, false, false, in(resumed), passOn, ""},
		{"an ephemeral container", moved, false, true, nil, passOn, ""},
		{"an ephemeral container of a fenced pod", moved, true, true, nil, refuse, "fenced"},
		{"killed before resume beside another that runs", moved, false, true, in(restored), refuse, "in doubt"},
		{"a settled move after the node was restarted", settled, false, false, nil, passOn, ""},
		{"a settled move of which one container was not restored", settled, false, true, in(failed), passOn, ""},
		{"a settled move that was handed over", settled, true, false, in(resumed), refuse, "fenced"},
		{"a source in a move after the node was restarted", leaving, false, false, nil, refuse, "being moved by migration m1"},
		{"a source that has stayed", stayed, false, false, nil, passOn, ""},
		{"a state of a later version", moved, false, false, in("other"), refuse, "in doubt"},
	} {
		d := decide(test.annotations, test.fenced, test.runs, test.earlier)
		if d.action != test.want || !strings.Contains(d.reason, test.reason) {
			t.Errorf("%s: %+v", test.name, d)
		}
	}
}
