// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

const (
	imageHeader = 8 // two magic numbers
	fieldVarint = 0
	fieldFixed8 = 1
	fieldBytes  = 2
	fieldFixed4 = 5
)

// image is one of CRIU's images of entries: each is a message in the format of Protocol Buffers.
type image struct {
	header  []byte
	entries [][]byte
}

func readImage(path string) (image, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return image{}, err
	}
	if len(data) < imageHeader {
		return image{}, fmt.Errorf("%s is not an image of CRIU's", filepath.Base(path))
	}
	img, rest := image{header: data[:imageHeader]}, data[imageHeader:]
	for len(rest) > 0 {
		if len(rest) < 4 || uint64(len(rest)-4) < uint64(binary.LittleEndian.Uint32(rest)) {
			return image{}, fmt.Errorf("%s ends within entry %d", filepath.Base(path), len(img.entries))
		}
		end := 4 + int(binary.LittleEndian.Uint32(rest))
		img.entries = append(img.entries, rest[4:end])
		rest = rest[end:]
	}
	return img, nil
}

func (i image) write(path string) error {
	data := append([]byte{}, i.header...)
	for _, entry := range i.entries {
		data = binary.LittleEndian.AppendUint32(data, uint32(len(entry)))
		data = append(data, entry...)
	}
	return writeFile(path, data, 0o600)
}

// readMessages has none if there is no such image.
func readMessages(path string) ([]message, error) {
	img, err := readImage(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return img.messages()
}

func (i image) messages() ([]message, error) {
	all := make([]message, len(i.entries))
	for n, entry := range i.entries {
		var err error
		if all[n], err = parseMessage(entry); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// field is one field of a message: a number, or bytes.
type field struct {
	id    uint64
	kind  uint64
	value uint64
	bytes []byte
}

type message []field

func parseMessage(data []byte) (m message, err error) {
	for len(data) > 0 {
		key, n := binary.Uvarint(data)
		if n <= 0 {
			return nil, fmt.Errorf("a message of CRIU's is cut short")
		}
		data = data[n:]
		f := field{id: key >> 3, kind: key & 7}
		length := uint64(0)
		switch f.kind {
		case fieldVarint:
			f.value, n = binary.Uvarint(data)
			data = data[max(n, 0):]
		case fieldBytes:
			length, n = binary.Uvarint(data)
			data = data[max(n, 0):]
		case fieldFixed8:
			length = 8
		case fieldFixed4:
			length = 4
		default:
			n = 0
		}
		if n <= 0 || length > uint64(len(data)) {
			return nil, fmt.Errorf("a message of CRIU's has a broken field %d", f.id)
		}
		f.bytes, data = data[:length], data[length:]
		m = append(m, f)
	}
	return m, nil
}

func (m message) encode() (data []byte) {
	for _, f := range m {
		data = binary.AppendUvarint(data, f.id<<3|f.kind)
		switch f.kind {
		case fieldVarint:
			data = binary.AppendUvarint(data, f.value)
		case fieldBytes:
			data = binary.AppendUvarint(data, uint64(len(f.bytes)))
		}
		data = append(data, f.bytes...)
	}
	return data
}

// number is the value of a field, 0 if there is none.
func (m message) number(id uint64) uint64 {
	for _, f := range m {
		if f.id == id && f.kind == fieldVarint {
			return f.value
		}
	}
	return 0
}

func (m message) has(id uint64) bool {
	return slices.ContainsFunc(m, func(f field) bool { return f.id == id })
}

// inner is the message, or the text, in a field; nil if there is none.
func (m message) inner(id uint64) []byte {
	for _, f := range m {
		if f.id == id && f.kind == fieldBytes {
			return f.bytes
		}
	}
	return nil
}

func (m message) setInner(id uint64, bytes []byte) {
	for i := range m {
		if m[i].id == id && m[i].kind == fieldBytes {
			m[i].bytes = bytes
		}
	}
}

func (m message) set(id, value uint64) {
	for i := range m {
		if m[i].id == id && m[i].kind == fieldVarint {
			m[i].value = value
		}
	}
}
