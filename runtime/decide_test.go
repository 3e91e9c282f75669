// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

func TestCreateDecision(t *testing.T) {
	plain := map[string]string{criContainerName: "app", criSandboxNS: "functions", criSandboxName: "cart-1"}
	moved := map[string]string{criContainerName: "app", criSandboxNS: "functions", criSandboxName: "cart-2", migrationAnnotation: "m1"}
	in := func(s state) *record { return &record{State: s} }
	for _, test := range []struct {
		name        string
		annotations map[string]string
		fenced      bool
		earlier     *record
		want        action
		reason      string
	}{
		{"ordinary instance", plain, false, nil, passOn, ""},
		{"fenced source", plain, true, nil, refuse, "functions/cart-1 is fenced"},
		{"fenced destination", moved, true, in(held), refuse, "fenced"},
		{"first create at the destination", moved, false, nil, hold, ""},
		{"the holder was killed", moved, false, in(held), hold, ""},
		{"killed while restoring", moved, false, in(restoring), refuse, "in doubt"},
		{"killed before resume", moved, false, in(restored), refuse, "in doubt"},
		{"failed or discarded", moved, false, in(failed), refuse, "in doubt"},
		{"restart after resume is cold", moved, false, in(resumed), passOn, ""},
		{"a state of a later version", moved, false, in("other"), refuse, "in doubt"},
	} {
		d := decide(test.annotations, test.fenced, test.earlier)
		if d.action != test.want || !strings.Contains(d.reason, test.reason) {
			t.Errorf("%s: %+v", test.name, d)
		}
	}
}
