// SPDX-License-Identifier: Apache-2.0

package main

import "fmt"

type action int

const (
	passOn action = iota
	hold
	refuse
)

type decision struct {
	action action
	reason string
}

// decide says what create does with a container, from its annotations, whether its pod is fenced or was moved and
// runs by now, and the record of an earlier container of the same name in the same pod (nil if there is none).
func decide(annotations map[string]string, fenced, runs bool, earlier *record) decision {
	pod := annotations[criSandboxNS] + "/" + annotations[criSandboxName]
	name := annotations[criContainerName]
	if fenced {
		return decision{refuse, fmt.Sprintf("pod %s is fenced: its instance was handed over to another site, "+
			"and a second copy of container %s must not start", pod, name)}
	}
	if by := annotations[fencedByAnnotation]; by != "" {
		return decision{refuse, fmt.Sprintf("pod %s is being moved by migration %s, or was: a copy of container %s that "+
			"starts cold must not run beside the one at the other site; the hub ends this, or delete the pod", pod, by, name)}
	}
	migration := annotations[migrationAnnotation]
	if migration == "" {
		return decision{action: passOn}
	}
	if earlier == nil && runs {
		return decision{action: passOn} // no container of the move, all of which were held before: an ephemeral one
	}
	if earlier == nil || earlier.State == held {
		return decision{action: hold}
	}
	if earlier.State == resumed {
		return decision{action: passOn} // its images are consumed: it starts cold
	}
	return decision{refuse, fmt.Sprintf("container %s of pod %s ended in state %q of migration %s: in doubt no copy "+
		"is started; resolve the migration or delete the pod", name, pod, earlier.State, migration)}
}
