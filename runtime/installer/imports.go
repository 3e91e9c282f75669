// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	ownFile     = "# made by carovana-install, which overwrites and removes it\n"
	addedLine   = "# carovana-install added the next line\n"
	addedImport = "# carovana-install added the first import of the next line\n"
	blockBegin  = "\n# begin: added by carovana-install\n"
	blockEnd    = "# end: added by carovana-install\n"
)

var (
	// the beginning of a top-level list of imports
	importsStart = regexp.MustCompile(`(?m)^[ \t]*imports[ \t]*=[ \t]*\[`)
	firstImport  = regexp.MustCompile(`\A([ \t]*imports[ \t]*=[ \t]*\[)"[^"\n]*", `)
	firstTable   = regexp.MustCompile(`(?m)^[ \t]*\[`)
	versionLine  = regexp.MustCompile(`(?m)^[ \t]*version[ \t]*=.*\n`)
)

func imports(config table) []string {
	var found []string
	list, _ := config["imports"].([]any)
	for _, entry := range list {
		if path, ok := entry.(string); ok {
			found = append(found, path)
		}
	}
	return found
}

// importedFolder is the first folder of which a file imports everything.
func importedFolder(path string, config table) string {
	for _, pattern := range imports(config) {
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(filepath.Dir(path), pattern)
		}
		if filepath.Base(pattern) == "*.toml" && !strings.Contains(filepath.Dir(pattern), "*") {
			return filepath.Dir(pattern)
		}
	}
	return ""
}

// addImport changes one line of a file, or adds one: everything else, comments too, stays as it is.
func addImport(path string, content []byte, pattern string) ([]byte, error) {
	end := len(content)
	if table := firstTable.FindIndex(content); table != nil {
		end = table[0]
	}
	var edited []byte
	if start := importsStart.FindIndex(content[:end]); start != nil {
		edited = slices.Concat(content[:start[0]], []byte(addedImport), content[start[0]:start[1]], fmt.Appendf(nil, "%q, ", pattern), content[start[1]:])
	} else {
		at := 0
		if version := versionLine.FindIndex(content[:end]); version != nil {
			at = version[1]
		}
		edited = slices.Concat(content[:at], []byte(addedLine), fmt.Appendf(nil, "imports = [%q]\n", pattern), content[at:])
	}
	config, err := parse(path, edited)
	if err != nil || !slices.Contains(imports(config), pattern) {
		return nil, fmt.Errorf("%s: cannot add %q to its imports: add it by hand", path, pattern)
	}
	return edited, nil
}

// withoutImport undoes addImport.
func withoutImport(content []byte) []byte {
	if before, after, found := bytes.Cut(content, []byte(addedLine)); found {
		_, after, _ = bytes.Cut(after, []byte("\n"))
		return slices.Concat(before, after)
	}
	if before, after, found := bytes.Cut(content, []byte(addedImport)); found {
		return slices.Concat(before, firstImport.ReplaceAll(after, []byte("$1")))
	}
	return content
}

// withBlock puts lines at the end of a file that is an administrator's, in place of those that are there already.
func withBlock(content, lines []byte) []byte {
	return slices.Concat(withoutBlock(content), []byte(blockBegin), lines, []byte(blockEnd))
}

func withoutBlock(content []byte) []byte {
	before, rest, found := bytes.Cut(content, []byte(blockBegin))
	if !found {
		return content
	}
	_, after, _ := bytes.Cut(rest, []byte(blockEnd))
	return slices.Concat(before, after)
}
