// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

const (
	handlerName = "carovana"
	runcV2      = "io.containerd.runc.v2"
	annotations = "carovana.dev/*"
)

type table = map[string]any

// criPlugin is where a schema of containerd's configuration has its handlers.
func criPlugin(version int64) string {
	if version == 2 {
		return "io.containerd.grpc.v1.cri"
	}
	return "io.containerd.cri.v1.runtime"
}

func parse(what string, content []byte) (table, error) {
	parsed := table{}
	if err := toml.Unmarshal(content, &parsed); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return parsed, nil
}

// schema is the version that a file says of itself. Files of different versions must not be mixed: containerd would drop what
// one of them says.
func schema(what string, config table) (int64, error) {
	version, _ := config["version"].(int64)
	if version < 2 {
		return 0, fmt.Errorf("%s: version is %v, expected 2 or 3", what, config["version"])
	}
	return version, nil
}

func child(t table, path ...string) table {
	for _, key := range path {
		t, _ = t[key].(table)
	}
	return t
}

// cri is where a configuration has its handlers, whichever schema it has.
func cri(config table) table {
	for _, version := range []int64{3, 2} {
		if found := child(config, "plugins", criPlugin(version), "containerd"); found != nil {
			return found
		}
	}
	return nil
}

func handler(config table, name string) table { return child(cri(config), "runtimes", name) }

// defaultHandler is the one that pods have which name none, or runc where that is not run by runc's shim.
func defaultHandler(config table) table {
	name, _ := cri(config)["default_runtime_name"].(string)
	if found := handler(config, name); found["runtime_type"] == runcV2 {
		return found
	}
	return handler(config, "runc")
}

func systemdCgroup(handler table) bool {
	value, _ := child(handler, "options")["SystemdCgroup"].(bool)
	return value
}

func binaryName(handler table) string {
	value, _ := child(handler, "options")["BinaryName"].(string)
	return value
}

// wantedHandler is the default handler with another program: what an administrator has set for all pods is so for these too.
func wantedHandler(standard table, wrapper string) table {
	wanted := given(standard)
	if wanted["sandboxer"] == "podsandbox" {
		delete(wanted, "sandboxer") // containerd's own default, which older schemas name otherwise
	}
	passed, _ := wanted["pod_annotations"].([]any)
	wanted["runtime_type"] = runcV2
	wanted["pod_annotations"] = append(slices.Clone(passed), annotations)
	options := given(child(standard, "options"))
	options["BinaryName"] = wrapper
	options["SystemdCgroup"] = systemdCgroup(standard)
	wanted["options"] = options
	return wanted
}

// given is what was set: containerd writes out all the rest as zero values.
func given(settings table) table {
	set := table{}
	for key, value := range settings {
		_, nested := value.(table)
		list, isList := value.([]any)
		if nested || (isList && len(list) == 0) || (!isList && reflect.ValueOf(value).IsZero()) {
			continue
		}
		set[key] = value
	}
	return set
}

// render has no tables but the handler's, so that it may also follow other tables in one file.
func render(version int64, wanted table) ([]byte, error) {
	head := fmt.Sprintf("plugins.%q.containerd.runtimes.%s", criPlugin(version), handlerName)
	flat := maps.Clone(wanted)
	delete(flat, "options")
	settings, err := toml.Marshal(flat)
	if err != nil {
		return nil, err
	}
	options, err := toml.Marshal(wanted["options"])
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "[%s]\n%s[%s.options]\n%s", head, settings, head, options), nil
}

// checkHandler says what is wrong with a handler that an administrator has configured.
func checkHandler(config table, wrapper string) error {
	found, standard := handler(config, handlerName), defaultHandler(config)
	if have, want := systemdCgroup(found), systemdCgroup(standard); have != want {
		return fmt.Errorf("handler %s: SystemdCgroup is %v, expected %v as in the default handler", handlerName, have, want)
	}
	if name := binaryName(found); name != wrapper {
		return fmt.Errorf("handler %s: BinaryName is %q, expected %q", handlerName, name, wrapper)
	}
	if passed, _ := found["pod_annotations"].([]any); !slices.Contains(passed, any(annotations)) {
		return fmt.Errorf("handler %s: pod_annotations is %v, expected %q among them", handlerName, passed, annotations)
	}
	return nil
}

// checkChange compares containerd's whole configuration before and after: the handler has come, and nothing else is different.
func checkChange(before, after table, wrapper string, installed bool) error {
	if err := checkPresence(after, wrapper, installed); err != nil {
		return err
	}
	if key := difference("", others(before), others(after)); key != "" {
		return fmt.Errorf("%s would change", key)
	}
	return nil
}

func checkPresence(config table, wrapper string, installed bool) error {
	if installed {
		return checkHandler(config, wrapper)
	}
	if handler(config, handlerName) != nil {
		return fmt.Errorf("handler %s is still there", handlerName)
	}
	return nil
}

// others is a copy without what the installer is to change.
func others(config table) table {
	rest := table{}
	for key, value := range config {
		if nested, ok := value.(table); ok {
			value = others(nested)
		}
		rest[key] = value
	}
	delete(rest, "imports")
	if runtimes, ok := rest["runtimes"].(table); ok {
		delete(runtimes, handlerName)
	}
	return rest
}

// difference names the first key of which the values differ.
func difference(prefix string, a, b table) string {
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		x, isTable := a[key].(table)
		y, both := b[key].(table)
		if isTable && both {
			if found := difference(prefix+key+".", x, y); found != "" {
				return found
			}
		} else if !reflect.DeepEqual(a[key], b[key]) {
			return prefix + key
		}
	}
	return ""
}
