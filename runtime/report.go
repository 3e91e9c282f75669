// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// report writes an error where runc would: containerd shows the last entry of level error in the file
// given by --log, a person at a terminal reads stderr.
func (c call) report(err error) {
	fmt.Fprintln(os.Stderr, err)
	if c.log == "" {
		return
	}
	f, openErr := os.OpenFile(c.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if openErr != nil {
		return
	}
	defer f.Close()
	f.Write(logLine(c.logFormat, err.Error(), time.Now()))
}

func logLine(format, msg string, now time.Time) []byte {
	stamp := now.Format(time.RFC3339)
	if format != "json" {
		return fmt.Appendf(nil, "time=%q level=error msg=%q\n", stamp, msg)
	}
	line, _ := json.Marshal(map[string]string{"level": "error", "msg": msg, "time": stamp})
	return append(line, '\n')
}
