// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"
)

// smallProgram is an ELF file with nothing but the name of its loader.
func smallProgram(loader string) []byte {
	const headers = 64 + 56
	name := append([]byte("\x00"+loader), 0)
	header := elf.Header64{Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: 1, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1}
	copy(header.Ident[:], "\x7fELF\x02\x01\x01")
	segment := elf.Prog64{Type: uint32(elf.PT_INTERP), Off: headers + 1, Filesz: uint64(len(name) - 1)}
	var program bytes.Buffer
	must(binary.Write(&program, binary.LittleEndian, header))
	must(binary.Write(&program, binary.LittleEndian, segment))
	program.Write(name)
	return program.Bytes()
}

func TestLoaderHasRoom(t *testing.T) {
	if changed, err := withLoader(smallProgram("/lib/ld.so"), "/libs/ld.so"); err == nil {
		t.Errorf("the end of the path is lost in %q", changed)
	}
	if _, err := withLoader(smallProgram("/lib/ld.so"), "/a/b/ld.so"); err != nil {
		t.Error(err)
	}
}
