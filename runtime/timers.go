// SPDX-License-Identifier: Apache-2.0

package main

// Of timerfd.proto of CRIU: when a timer is due next, from the dump on, and how often from then.
const (
	timerTicks          = 5
	timerFlags          = 6
	timerSeconds        = 7
	timerNanoseconds    = 8
	intervalSeconds     = 9
	intervalNanoseconds = 10

	timerAbsolute = 1 // TFD_TIMER_ABSTIME
)

// mendTimers corrects what CRIU makes of timers behind file descriptors (timerfd). The kernel starts a periodic timer anew when it is
// read. One that was due and not read yet is dumped as due in 0 seconds, which disarms it: nobody would see it tick again. And a
// timer that was given as a time of the clock is restored as one from the full second on, up to a second early, also if
// it has long expired.
func mendTimers(files []message) (changed bool, err error) {
	for _, file := range files {
		timer, err := parseMessage(file.inner(fileTimer))
		if err != nil {
			return false, err
		}
		if timer != nil && timer.mend() {
			file.setInner(fileTimer, timer.encode())
			changed = true
		}
	}
	return changed, nil
}

// mend says whether something was wrong. A timer that goes off when the clock is set stays as it is, for it has to name a time of the clock.
func (t message) mend() bool {
	changed := t.number(timerFlags) == timerAbsolute
	if changed {
		t.set(timerFlags, 0)
	}
	armed := t.number(timerSeconds) > 0 || t.number(timerNanoseconds) > 0
	periodic := t.number(intervalSeconds) > 0 || t.number(intervalNanoseconds) > 0
	if unread := t.number(timerTicks) > 0; unread && periodic && !armed {
		t.set(timerSeconds, t.number(intervalSeconds))
		t.set(timerNanoseconds, t.number(intervalNanoseconds))
		changed = true
	}
	return changed
}
