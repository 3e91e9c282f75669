// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
)

// bareConfig is made where containerd has no configuration, for an import needs one.
const bareConfig = "version = 3\n"

// configuration is what of containerd's is to be changed.
type configuration struct {
	files []file
	// handler is what the configuration will have, in a file's own right; for a look before it is generated
	handler []byte
	version int64
	// foreign: an administrator has configured the handler, and it stays as it is
	foreign bool
}

// configure says what the handler needs, with the node's files and containerd's whole configuration as they are.
func configure(t tree, l layout, effective table) (configuration, error) {
	content, config, version, err := readConfig(t, l)
	if err != nil {
		return configuration{}, err
	}
	places := places(t, l, config, version)
	if handler(effective, handlerName) != nil && !t.any(places, isOurs) {
		return configuration{foreign: true}, checkHandler(effective, l.wrapper())
	}
	standard := defaultHandler(effective)
	if standard == nil {
		return configuration{}, fmt.Errorf("%s: no handler of type %s to take the settings from", l.config, runcV2)
	}
	lines, err := render(version, wantedHandler(standard, l.wrapper()))
	if err != nil {
		return configuration{}, err
	}
	c := configuration{version: version, handler: fmt.Appendf(nil, "%sversion = %d\n%s", ownFile, version, lines)}
	place := places[0]
	now, _ := t.read(place)
	switch {
	case filepath.Ext(place) == ".tmpl" && (now == nil || bytes.HasPrefix(now, []byte(ownFile))):
		c.files = []file{{path: place, content: fmt.Appendf(nil, "%s{{ template \"base\" . }}\n\n%s", ownFile, lines), mode: 0o644}}
	case filepath.Ext(place) == ".tmpl":
		c.files = []file{{path: place, content: withBlock(now, lines), mode: 0o644}}
	case now != nil && !isOurs(now):
		return configuration{}, fmt.Errorf("%s is not the installer's, and containerd has no handler %s from it", place, handlerName)
	default:
		c.files = []file{{path: place, content: c.handler, mode: 0o644}}
	}
	for _, other := range places[1:] {
		if left, ok := t.withoutOurs(other); ok {
			c.files = append(c.files, left)
		}
	}
	if l.generated || importedFolder(l.config, config) == filepath.Dir(place) {
		return c, nil
	}
	edited, err := addImport(l.config, content, filepath.Dir(place)+"/*.toml")
	c.files = append(c.files, file{path: l.config, content: edited, mode: t.mode(l.config)})
	return c, err
}

// readConfig reads the file that says which schema is used. Where there is none, containerd runs with what it has built in.
func readConfig(t tree, l layout) ([]byte, table, int64, error) {
	path := l.config
	if l.watched && t.exists(k0sMerged) {
		path = k0sMerged
	}
	content, err := t.read(path)
	if err != nil && t.exists(path) {
		return nil, nil, 0, err
	}
	if content == nil {
		content = []byte(ownFile + bareConfig)
	}
	config, err := parse(path, content)
	if err != nil {
		return nil, nil, 0, err
	}
	version, err := schema(path, config)
	return content, config, version, err
}

// places are the files in which the handler may be; the first is where it belongs.
func places(t tree, l layout, config table, version int64) []string {
	folder := l.dropIns
	if imported := importedFolder(l.config, config); imported != "" {
		folder = imported
	}
	if folder == "" && !l.generated {
		folder = filepath.Join(filepath.Dir(l.config), "conf.d")
	}
	var found []string
	if folder != "" {
		found = append(found, filepath.Join(folder, handlerName+".toml"))
	}
	if l.templates == "" {
		return found
	}
	// k3s and RKE2 take the template of version 2 where there is none of version 3
	v3, v2 := filepath.Join(l.templates, "config-v3.toml.tmpl"), filepath.Join(l.templates, "config.toml.tmpl")
	if version == 2 {
		return append(found, v2)
	}
	return append(found, v3)
}

func isOurs(content []byte) bool {
	return bytes.HasPrefix(content, []byte(ownFile)) || bytes.Contains(content, []byte(blockBegin))
}

func (t tree) any(paths []string, test func([]byte) bool) bool {
	for _, path := range paths {
		if content, err := t.read(path); err == nil && test(content) {
			return true
		}
	}
	return false
}

// withoutOurs is a file as it was before the installer, if that is not how it is.
func (t tree) withoutOurs(path string) (file, bool) {
	content, err := t.read(path)
	if err != nil {
		return file{}, false
	}
	own := bytes.HasPrefix(content, []byte(ownFile))
	rest := withoutImport(withoutBlock(bytes.TrimPrefix(content, []byte(ownFile))))
	if own && (!strings.HasSuffix(path, "config.toml") || string(rest) == bareConfig) {
		return absent(path), true
	}
	return file{path: path, content: rest, mode: t.mode(path)}, !bytes.Equal(content, rest)
}
