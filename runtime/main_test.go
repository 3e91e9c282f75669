// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWhatIsBesideTheWrapperGoesFirst(t *testing.T) {
	t.Setenv("PATH", "/usr/bin")
	t.Setenv("CAROVANA_RUNC", "")
	installed := filepath.Join(ownFolder(), "runc")
	if err := os.WriteFile(installed, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(installed)

	if found, err := findRunc(); err != nil || found != installed {
		t.Errorf("found %q (%v), expected %q", found, err, installed)
	}
	preferOwnFolder()
	if path := os.Getenv("PATH"); path != ownFolder()+":/usr/bin" {
		t.Errorf("PATH is %q", path)
	}
}
