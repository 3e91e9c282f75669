// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
)

// landlockCalls are those by which a program shuts itself in. A dump knows nothing of it, and the restored program would be free.
var landlockCalls = []string{"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}

const notSupported = 95 // EOPNOTSUPP, as where Landlock was not switched on

// architectures of a filter for a container that has none.
var architectures = map[string][]string{
	"amd64": {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"},
	"arm64": {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"},
}

// hideLandlock lets the container's programs see from the start that there is no Landlock, as on other nodes there may be none.
func (b *bundle) hideLandlock() error {
	linux, err := b.raw.child("linux")
	if err != nil {
		return err
	}
	seccomp, err := linux.child("seccomp")
	if err != nil {
		return err
	}
	if len(seccomp.keys) == 0 {
		seccomp.setString("defaultAction", "SCMP_ACT_ALLOW")
		names, err := json.Marshal(architectures[runtime.GOARCH])
		if err != nil {
			return err
		}
		seccomp.set("architectures", names)
	}
	calls, err := withoutLandlock(seccomp.values["syscalls"])
	if err != nil {
		return err
	}
	seccomp.set("syscalls", calls)
	linux.set("seccomp", seccomp.bytes())
	b.raw.set("linux", linux.bytes())
	return nil
}

// withoutLandlock adds a rule, and takes the calls out of others, which would contradict it.
func withoutLandlock(rules json.RawMessage) (json.RawMessage, error) {
	var all, kept []json.RawMessage
	if len(rules) > 0 {
		if err := json.Unmarshal(rules, &all); err != nil {
			return nil, fmt.Errorf("seccomp.syscalls: %w", err)
		}
	}
	for _, data := range all {
		rule, err := parseObject(data)
		if err != nil {
			return nil, fmt.Errorf("seccomp.syscalls: %w", err)
		}
		var names []string
		if err := json.Unmarshal(rule.values["names"], &names); err != nil {
			return nil, fmt.Errorf("seccomp.syscalls.names: %w", err)
		}
		left := slices.DeleteFunc(names, func(name string) bool { return slices.Contains(landlockCalls, name) })
		if len(left) == 0 {
			continue
		}
		if data, err = json.Marshal(left); err != nil {
			return nil, err
		}
		rule.set("names", data)
		kept = append(kept, rule.bytes())
	}
	own, err := json.Marshal(map[string]any{"names": landlockCalls, "action": "SCMP_ACT_ERRNO", "errnoRet": notSupported})
	if err != nil {
		return nil, err
	}
	return json.Marshal(append(kept, own))
}
