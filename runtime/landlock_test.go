// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

func TestLandlockIsHidden(t *testing.T) {
	const rule = `{"action":"SCMP_ACT_ERRNO","errnoRet":95,"names":["landlock_create_ruleset","landlock_add_rule","landlock_restrict_self"]}`
	for _, test := range []struct{ name, linux, want string }{
		{"allowed with others", `{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[` +
			`{"names":["landlock_add_rule","read","landlock_create_ruleset"],"action":"SCMP_ACT_ALLOW"}]}}`,
			`{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"},` + rule + `]}`},
		{"alone in a rule", `{"seccomp":{"defaultAction":"SCMP_ACT_LOG","syscalls":[{"names":["landlock_restrict_self"],"action":"SCMP_ACT_ALLOW"}]}}`,
			`{"defaultAction":"SCMP_ACT_LOG","syscalls":[` + rule + `]}`},
		{"unconfined", `{}`, `{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_`},
	} {
		b := testBundle(t, `{"linux":`+test.linux+`}`)
		if err := b.hideLandlock(); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if got := string(b.raw.bytes()); !strings.Contains(got, test.want) || !strings.Contains(got, rule) {
			t.Errorf("%s: %s, expected %s", test.name, got, test.want)
		}
	}
}
