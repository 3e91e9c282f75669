// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func succeed(t *testing.T, n *testNode, act func() error) {
	t.Helper()
	if err := act(); err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(n.said, "\n"))
	}
}

func TestInstallsOnceAndUninstalls(t *testing.T) {
	for _, b := range beds() {
		t.Run(b.name, func(t *testing.T) {
			n := raise(t, b)
			before := n.snapshot()

			succeed(t, n, n.install)
			place, _ := n.read(b.place)
			for _, line := range append(b.lines, `pod_annotations = ['carovana.dev/*']`, "BinaryName = '"+b.folder+"/bin/carovana-runc'") {
				if !strings.Contains(string(place), line+"\n") {
					t.Errorf("%s lacks %s: %s", b.place, line, place)
				}
			}
			if target, err := os.Readlink(n.at(b.folder + "/bin/runc")); err != nil || target != b.runc {
				t.Errorf("runc is linked to %q (%v), expected %q", target, err, b.runc)
			}
			watched := strings.HasPrefix(b.files[k0sConfig], "# k0s_managed")
			if want := map[bool]int{true: 0, false: 1}[watched]; n.restarts() != want {
				t.Errorf("%d restarts of containerd, expected %d: %v", n.restarts(), want, n.commands)
			}

			installed := n.snapshot()
			n.commands = nil
			succeed(t, n, n.install)
			expectSame(t, installed, n.snapshot())
			if n.restarts() != 0 {
				t.Errorf("restarted again: %v", n.commands)
			}

			succeed(t, n, n.uninstall)
			expectSame(t, before, n.snapshot())
		})
	}
}

func TestCheckChangesNothing(t *testing.T) {
	n := raise(t, kubeadm("kubeadm", commented))
	before := n.snapshot()
	n.dry = true
	succeed(t, n, n.install)
	expectSame(t, before, n.snapshot())
	if said := strings.Join(n.said, "\n"); !strings.Contains(said, "would write /etc/containerd/conf.d/carovana.toml") {
		t.Errorf("said %s", said)
	}
}

func TestLeavesContainerdAloneDuringAMove(t *testing.T) {
	for _, step := range []string{"PREPARING", "END_SENT", "RECEIVING"} {
		n := raise(t, kubeadm("kubeadm", commented))
		n.write(runFolder+"/migrations/functions.cart-2/record.json", fmt.Sprintf(`{"side":"source","step":%q}`, step))
		succeed(t, n, n.install)
		if n.exists("/etc/containerd/conf.d") || n.restarts() != 0 {
			t.Errorf("%s: containerd was touched: %v", step, n.said)
		}
		if !n.executable("/opt/carovana/bin/carovana-runc") {
			t.Errorf("%s: the agent that ends the move has no carovana-runc", step)
		}
		if err := n.uninstall(); err == nil || !strings.Contains(err.Error(), "functions.cart-2") {
			t.Errorf("%s: uninstall said %v", step, err)
		}

		n.write(runFolder+"/migrations/functions.cart-2/record.json", `{"side":"source","step":"RELEASED"}`)
		succeed(t, n, n.install)
		if n.restarts() != 1 {
			t.Errorf("%s: not made up for after the move: %v", step, n.said)
		}
	}
}

func TestRestartsContainerdIfItWasKilledBefore(t *testing.T) {
	n := raise(t, kubeadm("kubeadm", commented))
	restarted := n.run
	n.run = func(command ...string) (string, error) {
		if command[0] == "systemctl" {
			panic("killed")
		}
		return restarted(command...)
	}
	func() {
		defer func() { recover() }()
		n.install()
	}()
	n.run = restarted
	succeed(t, n, n.install)
	if n.restarts() != 1 {
		t.Errorf("%d restarts, expected 1: %v", n.restarts(), n.said)
	}
}

func TestTakesBackWhatContainerdDoesNotAccept(t *testing.T) {
	faults := map[string]func(n *testNode, config string) (string, error){
		"an error": func(n *testNode, config string) (string, error) {
			if n.exists("/etc/containerd/conf.d/carovana.toml") {
				return "", fmt.Errorf("bad file")
			}
			return n.load(config)
		},
		"another setting gone": func(n *testNode, config string) (string, error) {
			dump, err := n.load(config)
			if n.exists("/etc/containerd/conf.d/carovana.toml") {
				dump = strings.Replace(dump, "registry.example/pause:3.10", "", 1)
			}
			return dump, err
		},
		"no handler": func(n *testNode, config string) (string, error) {
			dump, err := n.load(config)
			if config == mainConfig {
				dump = strings.ReplaceAll(dump, "runtimes.carovana", "runtimes.other")
			}
			return dump, err
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			n := raise(t, kubeadm("kubeadm", commented))
			n.dump = func(config string) (string, error) { return fault(n, config) }
			if err := n.install(); err == nil || !strings.Contains(err.Error(), "as it was") {
				t.Errorf("said %v", err)
			}
			if content, _ := n.read(mainConfig); string(content) != commented || n.exists("/etc/containerd/conf.d/carovana.toml") {
				t.Errorf("configuration is not as it was: %s", content)
			}
			if n.restarts() != 0 {
				t.Errorf("containerd was restarted: %v", n.commands)
			}
		})
	}
}

func TestFollowsTheDefaultHandler(t *testing.T) {
	for _, b := range []bed{kubeadm("kubeadm", commented), k3s("k3s", "", k3sFolder+"/config-v3.toml.tmpl")} {
		n := raise(t, b)
		succeed(t, n, n.install)
		n.bed.base = strings.Replace(n.bed.base, systemd, "SystemdCgroup = false", 1)
		if content, err := n.read(mainConfig); err == nil {
			n.write(mainConfig, strings.Replace(string(content), systemd, "SystemdCgroup = false", 1))
		}
		n.generate()
		succeed(t, n, n.install)
		if place, _ := n.read(b.place); !strings.Contains(string(place), "SystemdCgroup = false") || n.restarts() != 2 {
			t.Errorf("%s: %d restarts, expected 2: %s", b.name, n.restarts(), place)
		}
	}
}

func TestAsksContainerdBeforeItTouchesItsConfiguration(t *testing.T) {
	n := raise(t, kubeadm("kubeadm", commented))
	n.dump = func(config string) (string, error) {
		if config != mainConfig {
			return "", fmt.Errorf("bad handler")
		}
		return n.load(config)
	}
	if err := n.install(); err == nil || !strings.Contains(err.Error(), "bad handler") {
		t.Errorf("said %v", err)
	}
	if said := strings.Join(n.said, "\n"); strings.Contains(said, "/etc/containerd/conf.d") || n.exists(owed) {
		t.Errorf("containerd's configuration was touched: %s", said)
	}
}

func TestTakesBackWhatContainerdDoesNotStartWith(t *testing.T) {
	n := raise(t, kubeadm("kubeadm", commented))
	played := n.run
	n.run = func(command ...string) (string, error) {
		output, err := played(command...)
		if command[0] == "systemctl" && n.exists("/etc/containerd/conf.d/carovana.toml") {
			err = fmt.Errorf("exit status 1")
		}
		return output, err
	}
	if err := n.install(); err == nil {
		t.Error("no error")
	}
	if content, _ := n.read(mainConfig); string(content) != commented || n.restarts() != 2 {
		t.Errorf("%d restarts, expected 2; configuration is %s", n.restarts(), content)
	}
}

func TestTakesBackWhatADistributionDoesNotRender(t *testing.T) {
	b := k3s("k3s", "", k3sFolder+"/config-v3.toml.tmpl")
	n := raise(t, b)
	before := n.snapshot()
	n.bed.base = "" // nothing is generated any more
	n.patience = 0
	if err := n.install(); err == nil || !strings.Contains(err.Error(), "as it was") {
		t.Errorf("said %v", err)
	}
	if n.exists(b.place) || n.restarts() != 2 {
		t.Errorf("%d restarts, expected 2: %v", n.restarts(), n.commands)
	}
	succeed(t, n, n.uninstall)
	expectSame(t, before, n.snapshot())
}

func TestAsksForARestartWhereNothingElseCanDoIt(t *testing.T) {
	b := kubeadm("no systemd", commented)
	b.cgroup = "0::/\n"
	n := raise(t, b)
	for _, act := range []func() error{n.install, n.uninstall} {
		for range 2 {
			if err := act(); err == nil || !strings.Contains(err.Error(), "restart it by hand") {
				t.Errorf("said %v", err)
			}
		}
		if !n.executable("/opt/carovana/bin/carovana-runc") {
			t.Error("the handler that containerd still has lacks its program")
		}
		n.start()
		succeed(t, n, act)
	}
}

func TestDoesNotUninstallUnderContainers(t *testing.T) {
	n := raise(t, kubeadm("kubeadm", commented))
	succeed(t, n, n.install)
	n.write("/run/containerd/io.containerd.runtime.v2.task/k8s.io/abc/runtime", "/opt/carovana/bin/carovana-runc")
	n.write("/run/containerd/io.containerd.runtime.v2.task/k8s.io/def/runtime", "")
	if err := n.uninstall(); err == nil || !strings.Contains(err.Error(), "1 containers of handler carovana") {
		t.Errorf("said %v", err)
	}
	if !n.exists("/opt/carovana/bin/carovana-runc") {
		t.Error("carovana-runc is gone")
	}
}

func TestRepairsAProgramThatCannotBeStarted(t *testing.T) {
	n := raise(t, kubeadm("kubeadm", commented))
	succeed(t, n, n.install)
	must(os.Chmod(n.at("/opt/carovana/bin/carovana-runc"), 0o644))
	succeed(t, n, n.install)
	if !n.executable("/opt/carovana/bin/carovana-runc") || n.restarts() != 1 {
		t.Errorf("not repaired: %v", n.said)
	}
}
