// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

var (
	create = []string{"--create", "--gzip", "--numeric-owner", "--directory"}
	unpack = []string{"--extract", "--gzip", "--no-wildcards", "--directory"}
)

// devFolder makes what is in a container's /dev, and more.
func devFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	steps := []error{
		os.MkdirAll(folder+"/pts/empty", 0o750),
		os.Symlink("/proc/self/fd", folder+"/fd"),
		os.WriteFile(folder+"/termination-log", nil, 0o666),
		os.WriteFile(folder+"/pts/file", []byte("content"), 0o640),
		syscall.Mkfifo(folder+"/pipe", 0o622),
		syscall.Chmod(folder, 0o1777),
		syscall.Chmod(folder+"/pts/file", 0o4755),
	}
	if os.Geteuid() == 0 {
		steps = append(steps,
			syscall.Mknod(folder+"/null", syscall.S_IFCHR|0o666, 1<<8|3),
			syscall.Mknod(folder+"/disk", syscall.S_IFBLK|0o660, 259<<8|300&0xff|(300&^0xff)<<12),
			os.Chown(folder+"/pts/empty", 1000, 2000))
	}
	for _, err := range steps {
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// seen is what the real tar sees in a folder. It sets a link's own time too, which nobody asks for.
func seen(t *testing.T, folder string) []string {
	t.Helper()
	archive := runTar(t, nil, append(slices.Clone(create), folder, ".")...)
	lines := strings.Split(string(runTar(t, archive, "--list", "--gzip", "--verbose", "--full-time", "--numeric-owner")), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "l") {
			lines[i] = strings.Join(slices.Delete(strings.Fields(line), 3, 5), " ")
		}
	}
	slices.Sort(lines)
	return lines
}

func runTar(t *testing.T, input []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("tar", args...)
	cmd.Stdin = bytes.NewReader(input)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tar %v: %v", args, err)
	}
	return out
}

func TestArchiveIsWhatTarMakesAndTakes(t *testing.T) {
	folder := devFolder(t)
	want := seen(t, folder)

	ours, err := archiveOf(folder)
	if err != nil {
		t.Fatal(err)
	}
	byTar := t.TempDir()
	runTar(t, ours, append(slices.Clone(unpack), byTar)...)
	if got := seen(t, byTar); !slices.Equal(got, want) {
		t.Errorf("tar unpacks\n%q\nexpected\n%q", got, want)
	}

	for name, archive := range map[string][]byte{"ours": ours, "tar's": runTar(t, nil, append(slices.Clone(create), folder, ".")...)} {
		members, err := membersOf(archive)
		if err != nil {
			t.Fatal(name, err)
		}
		unpacked := t.TempDir()
		if err := extract(unpacked, members); err != nil {
			t.Fatal(name, err)
		}
		if got := seen(t, unpacked); !slices.Equal(got, want) {
			t.Errorf("%s archive: unpacked\n%q\nexpected\n%q", name, got, want)
		}
	}
}

func TestArchiveLeavesTheRestToTar(t *testing.T) {
	for name, add := range map[string]func(folder string) error{
		"large file": func(f string) error { return os.WriteFile(f+"/large", make([]byte, tarLimit), 0o600) },
		"hard link":  func(f string) error { return os.Link(f+"/pts/file", f+"/link") },
		"many":       func(f string) error { return manyFiles(f) },
	} {
		folder := devFolder(t)
		if err := add(folder); err != nil {
			t.Fatal(err)
		}
		if _, err := archiveOf(folder); !errors.Is(err, errNotPlain) {
			t.Errorf("%s: archived by ourselves: %v", name, err)
		}
		archive := runTar(t, nil, append(slices.Clone(create), folder, ".")...)
		if len(archive) > tarLimit {
			archive = archive[:tarLimit]
		}
		if members, err := membersOf(archive); err == nil && name == "hard link" {
			t.Errorf("%s: taken apart by ourselves: %v", name, members)
		}
	}
}

func manyFiles(folder string) error {
	for i := range 100 {
		if err := os.WriteFile(folder+"/"+strings.Repeat("x", i+1), nil, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func TestArchiveThatLeavesItsFolderIsNotForUs(t *testing.T) {
	folder := t.TempDir()
	archive := runTar(t, nil, "--create", "--gzip", "--absolute-names", "--directory", "/", "--transform", "s,.*,../out,", folder)
	if _, err := membersOf(archive); err != errNotPlain {
		t.Fatalf("taken apart: %v", err)
	}
}

func TestTarIsFoundBehindOurselves(t *testing.T) {
	own := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(exe, own+"/tar"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", own+":"+os.Getenv("PATH"))
	if got, err := realTarPath(); err != nil || strings.HasPrefix(got, own) {
		t.Fatalf("%q, %v", got, err)
	}
}
