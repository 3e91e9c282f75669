// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// CRIU keeps the content of each tmpfs with `tar --gzip`, four times for an ordinary container, and that is
// three process starts each time, in the freeze. So CRIU finds this program under that name first in its
// PATH. It does what is small and plain itself, as tar would, and leaves the rest to tar.

const (
	tarName = "tar"
	// what is larger gains nothing
	tarLimit = 256 << 10
)

var errNotPlain = errors.New("not for us")

// linkTar puts this program where CRIU finds it. The agent has the folder in the PATH of its dumps.
func (n node) linkTar() error {
	own, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	link := filepath.Join(n.criuTools(), tarName)
	if now, err := os.Readlink(link); err == nil && now == own {
		return nil
	}
	if err := os.MkdirAll(n.criuTools(), 0o700); err != nil {
		return err
	}
	fresh := link + "." + strconv.Itoa(os.Getpid())
	if err := os.Symlink(own, fresh); err != nil {
		return err
	}
	return os.Rename(fresh, link)
}

// criuEnviron is the environment of a runc that starts CRIU.
func (n node) criuEnviron() []string {
	environ := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PATH=") })
	return append(environ, "PATH="+n.criuTools()+":"+os.Getenv("PATH"))
}

// tarMain is the program under the name tar.
func tarMain(args []string) int {
	folder := tarFolder(args)
	switch {
	case folder == "":
	case slices.Contains(args, "--create"):
		if archive, err := archiveOf(folder); err == nil {
			if _, err := os.Stdout.Write(archive); err != nil {
				return tarFailed(err)
			}
			return 0
		}
	case slices.Contains(args, "--extract"):
		begin, err := io.ReadAll(io.LimitReader(os.Stdin, tarLimit))
		if err != nil {
			return tarFailed(err)
		}
		members, err := membersOf(begin)
		if err == nil {
			if err := extract(folder, members); err != nil {
				return tarFailed(err)
			}
			return 0
		}
		return realTar(args, io.MultiReader(bytes.NewReader(begin), os.Stdin))
	}
	return realTar(args, os.Stdin)
}

func tarFailed(err error) int {
	fmt.Fprintln(os.Stderr, "carovana-runc as tar:", err)
	return 2
}

func tarFolder(args []string) string {
	if i := slices.Index(args, "--directory"); i >= 0 && i+1 < len(args) {
		return args[i+1]
	}
	return ""
}

func realTar(args []string, stdin io.Reader) int {
	path, err := realTarPath()
	if err != nil {
		return tarFailed(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() > 0 {
			return exit.ExitCode()
		}
		return tarFailed(err)
	}
	return 0
}

func realTarPath() (string, error) {
	own, err := os.Stat("/proc/self/exe")
	if err != nil {
		return "", err
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, tarName)
		if info, err := os.Stat(path); err == nil && !os.SameFile(info, own) {
			return path, nil
		}
	}
	return "", errors.New("no tar in PATH")
}

// archiveOf gives the compressed archive of a folder, or an error if it holds anything but folders, links,
// device nodes, pipes and small files of one file system.
func archiveOf(folder string) ([]byte, error) {
	var archive bytes.Buffer
	packed, _ := gzip.NewWriterLevel(&archive, gzip.BestSpeed)
	out := tar.NewWriter(packed)
	// CRIU names the folder by a link below /proc
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil, err
	}
	var root syscall.Stat_t
	if err := syscall.Lstat(folder, &root); err != nil {
		return nil, err
	}
	left := tarLimit / 4
	err = filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st syscall.Stat_t
		if err := syscall.Lstat(path, &st); err != nil {
			return err
		}
		if left -= 1024 + int(st.Size); left < 0 || st.Dev != root.Dev {
			return errNotPlain
		}
		relative, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		return addMember(out, path, "./"+relative, st)
	})
	if err := errors.Join(err, out.Close(), packed.Close()); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
}

func addMember(out *tar.Writer, path, name string, st syscall.Stat_t) error {
	h := &tar.Header{
		Format: tar.FormatGNU, Name: name, Mode: int64(st.Mode & 0o7777), Uid: int(st.Uid), Gid: int(st.Gid),
		ModTime: time.Unix(st.Mtim.Unix()),
	}
	var content []byte
	var err error
	switch kind := st.Mode & syscall.S_IFMT; {
	case kind == syscall.S_IFDIR:
		h.Typeflag, h.Name = tar.TypeDir, name+"/"
	case st.Nlink > 1:
		return errNotPlain
	case kind == syscall.S_IFLNK:
		h.Typeflag = tar.TypeSymlink
		h.Linkname, err = os.Readlink(path)
	case kind == syscall.S_IFCHR:
		h.Typeflag = tar.TypeChar
	case kind == syscall.S_IFBLK:
		h.Typeflag = tar.TypeBlock
	case kind == syscall.S_IFIFO:
		h.Typeflag = tar.TypeFifo
	case kind == syscall.S_IFREG:
		h.Typeflag = tar.TypeReg
		content, err = os.ReadFile(path)
		h.Size = int64(len(content))
	default:
		return errNotPlain
	}
	if err != nil {
		return err
	}
	if h.Typeflag == tar.TypeChar || h.Typeflag == tar.TypeBlock {
		h.Devmajor, h.Devminor = int64(st.Rdev>>8&0xfff), int64(st.Rdev&0xff|st.Rdev>>12&0xfff00)
	}
	if err := out.WriteHeader(h); err != nil {
		return err
	}
	_, err = out.Write(content)
	return err
}

type member struct {
	*tar.Header
	content []byte
}

// membersOf takes a whole archive apart, or gives an error if there is more in it than archiveOf puts there.
func membersOf(archive []byte) ([]member, error) {
	if len(archive) == tarLimit {
		return nil, errNotPlain // and the rest is still to come
	}
	packed, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	var members []member
	for in := tar.NewReader(io.LimitReader(packed, 4*tarLimit)); ; {
		h, err := in.Next()
		if err == io.EOF {
			return members, nil
		}
		if err != nil {
			return nil, err
		}
		if !filepath.IsLocal(h.Name) || strings.IndexByte("0123456", h.Typeflag) < 0 || h.Typeflag == tar.TypeLink || len(h.PAXRecords) > 0 {
			return nil, errNotPlain
		}
		content, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		members = append(members, member{h, content})
	}
}

func extract(folder string, members []member) error {
	for _, m := range members {
		if err := m.make(filepath.Join(folder, m.Name)); err != nil {
			return err
		}
	}
	for _, m := range slices.Backward(members) { // a folder's time changes with what is put into it
		if m.Typeflag != tar.TypeSymlink {
			if err := os.Chtimes(filepath.Join(folder, m.Name), m.ModTime, m.ModTime); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m member) make(path string) error {
	var err error
	device := int(m.Devminor&0xff | m.Devmajor<<8 | (m.Devminor&^0xff)<<12)
	switch m.Typeflag {
	case tar.TypeDir:
		if err = os.Mkdir(path, 0o700); errors.Is(err, os.ErrExist) {
			err = nil
		}
	case tar.TypeSymlink:
		err = os.Symlink(m.Linkname, path)
	case tar.TypeChar:
		err = syscall.Mknod(path, syscall.S_IFCHR|0o600, device)
	case tar.TypeBlock:
		err = syscall.Mknod(path, syscall.S_IFBLK|0o600, device)
	case tar.TypeFifo:
		err = syscall.Mkfifo(path, 0o600)
	default:
		err = os.WriteFile(path, m.content, 0o600)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	if err := os.Lchown(path, m.Uid, m.Gid); err != nil || m.Typeflag == tar.TypeSymlink {
		return err
	}
	return syscall.Chmod(path, uint32(m.Mode))
}
