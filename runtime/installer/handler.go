// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// bareConfig is made where containerd has no configuration, for an import needs one.
const bareConfig = "version = 3\n"

// configuration is what of containerd's is to be changed.
type configuration struct {
	files []file
	// handler is a drop-in with the handler: what is written, or tried before the distribution generates its file
	handler []byte
	version int64
	// foreign: an administrator has configured the handler, and it stays as it is
	foreign bool
}

// configure says what the handler needs, with the node's files and containerd's whole configuration as they are.
func configure(t tree, l layout, effective table) (configuration, error) {
	main, err := readSchema(t, l)
	if err != nil {
		return configuration{}, err
	}
	places := places(l, main)
	if handler(effective, handlerName) != nil && !t.any(places, isOurs) {
		return configuration{foreign: true}, checkHandler(effective, l.wrapper())
	}
	standard := defaultHandler(effective)
	if standard == nil {
		return configuration{}, fmt.Errorf("%s: no handler of type %s to take the settings from", l.config, runcV2)
	}
	lines, err := render(main.version, wantedHandler(standard, l.wrapper()))
	if err != nil {
		return configuration{}, err
	}
	c := configuration{version: main.version, handler: fmt.Appendf(nil, "%sversion = %d\n%s", ownFile, main.version, lines)}
	own, err := c.place(t, places[0], lines)
	c.files = append(c.files, own)
	for _, other := range places[1:] {
		if left, ok := t.withoutOurs(other); ok {
			c.files = append(c.files, left)
		}
	}
	folder := filepath.Dir(places[0])
	if err != nil || l.generated || importedFolder(l.config, main.parsed) == folder {
		return c, err
	}
	if now, err := t.state(l.config); err != nil || now.link != "" {
		return c, errors.Join(err, fmt.Errorf("%s is a link: add %q to the imports of what it leads to", l.config, folder+"/*.toml"))
	}
	edited, err := addImport(l.config, main.content, folder+"/*.toml")
	c.files = append(c.files, file{path: l.config, content: edited, mode: t.mode(l.config)})
	return c, err
}

// place is the file that has the handler: a drop-in, a template of a distribution or the end of an administrator's template.
func (c configuration) place(t tree, path string, lines []byte) (file, error) {
	now, _ := t.read(path)
	own := now == nil || bytes.HasPrefix(now, []byte(ownFile))
	f := file{path: path, content: c.handler, mode: 0o644}
	switch template := filepath.Ext(path) == ".tmpl"; {
	case template && own:
		f.content = fmt.Appendf(nil, "%s{{ template \"base\" . }}\n\n%s", ownFile, lines)
	case template:
		f.content, f.mode = withBlock(now, lines), t.mode(path)
	case !own:
		return f, fmt.Errorf("%s is not the installer's, and containerd has no handler %s from it", path, handlerName)
	}
	return f, nil
}

// schemaFile is the file that says which schema is used.
type schemaFile struct {
	content []byte
	parsed  table
	version int64
}

// readSchema: where there is no file, containerd runs with what it has built in.
func readSchema(t tree, l layout) (schemaFile, error) {
	path := l.config
	if l.watched && t.exists(k0sMerged) {
		path = k0sMerged
	}
	content, err := t.read(path)
	if err != nil && t.exists(path) {
		return schemaFile{}, err
	}
	if content == nil {
		content = []byte(ownFile + bareConfig)
	}
	parsed, err := parse(path, content)
	if err != nil {
		return schemaFile{}, err
	}
	version, err := schema(path, parsed)
	return schemaFile{content, parsed, version}, err
}

// places are the files in which the handler may be; the first is where it belongs.
func places(l layout, main schemaFile) []string {
	folder := l.dropIns
	if imported := importedFolder(l.config, main.parsed); imported != "" && !l.watched {
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
	// k3s and RKE2 render a template of version 2 where there is one, and none of version 3
	if main.version == 2 {
		return append(found, filepath.Join(l.templates, "config.toml.tmpl"))
	}
	return append(found, filepath.Join(l.templates, "config-v3.toml.tmpl"))
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
