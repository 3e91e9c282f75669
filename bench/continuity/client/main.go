// SPDX-License-Identifier: Apache-2.0

// Many users who call a function at a steady rate through gateways, open loop: a call begins when it is due, whether or
// not the one before has ended, so that a pause is seen by every call that falls into it.
//
// Each call has a number of its own for its user. Standard input says where users are: "USER SITE" a line; they call the
// gateway of that site from then on. Its end ends the run, once every call has its answer. Standard output tells every
// call: user, number, when it was due (microseconds since 1970), until the answer was complete (microseconds), how much
// of that a gateway held it (microseconds), status (0: no answer), error.
package main

import (
	"bufio"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type user struct {
	name    string
	gateway atomic.Pointer[string]
	client  *http.Client
}

type record struct {
	mutex sync.Mutex
	rows  *csv.Writer
}

func main() {
	gateways := flag.String("gateways", "", "SITE=URL,…")
	names := flag.String("users", "", "USER,…")
	path := flag.String("path", "", "before /calls/NUMBER")
	rate := flag.Float64("rate", 200, "calls a second, of all users together")
	timeout := flag.Duration("timeout", 60*time.Second, "for one call")
	flag.Parse()

	urls := map[string]string{}
	for _, pair := range strings.Split(*gateways, ",") {
		site, url, _ := strings.Cut(pair, "=")
		urls[site] = url
	}
	users := map[string]*user{}
	for _, name := range strings.Split(*names, ",") {
		users[name] = &user{name: name, client: &http.Client{Timeout: *timeout, Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}
	}
	out := &record{rows: csv.NewWriter(os.Stdout)}
	var stop atomic.Bool
	var calls sync.WaitGroup
	interval := time.Duration(float64(len(users)) / *rate * float64(time.Second))
	offset := time.Duration(0)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		name, site, _ := strings.Cut(lines.Text(), " ")
		url, known := urls[site]
		if users[name] == nil || !known {
			fmt.Fprintf(os.Stderr, "not a user and a site: %q\n", lines.Text())
			os.Exit(2)
		}
		url += *path
		if users[name].gateway.Swap(&url) == nil {
			calls.Add(1)
			go users[name].call(offset, interval, &stop, &calls, out)
			offset += interval / time.Duration(len(users))
		}
	}
	stop.Store(true)
	calls.Wait()
	out.rows.Flush()
}

// call begins a call at each tick; a tick that comes late is still counted from when it was due.
func (u *user) call(offset, interval time.Duration, stop *atomic.Bool, calls *sync.WaitGroup, out *record) {
	defer calls.Done()
	due := time.Now().Add(offset)
	for number := 1; !stop.Load(); number++ {
		time.Sleep(time.Until(due))
		calls.Add(1)
		go func(number int, due time.Time) {
			defer calls.Done()
			held, status, err := u.once(number)
			out.write(u.name, number, due, time.Since(due), held, status, err)
		}(number, due)
		due = due.Add(interval)
	}
}

// once makes one call. net/http sends a POST again only if nothing of it was written.
func (u *user) once(number int) (held time.Duration, status int, err error) {
	request, err := http.NewRequest(http.MethodPost, fmt.Sprintf("%s/calls/%d", *u.gateway.Load(), number), nil)
	if err != nil {
		return 0, 0, err
	}
	request.Header.Set("X-Carovana-User", u.name)
	response, err := u.client.Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%.300s", body)
	}
	return heldBy(response.Header), response.StatusCode, err
}

// heldBy reads how long a gateway held the call; zero if none did.
func heldBy(header http.Header) time.Duration {
	for _, value := range header.Values("Server-Timing") {
		if millis, found := strings.CutPrefix(value, "hold;dur="); found {
			if number, err := strconv.ParseFloat(millis, 64); err == nil {
				return time.Duration(number * float64(time.Millisecond))
			}
		}
	}
	return 0
}

func (r *record) write(user string, number int, due time.Time, took, held time.Duration, status int, err error) {
	problem := ""
	if err != nil {
		problem = err.Error()
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.rows.Write([]string{user, strconv.Itoa(number), strconv.FormatInt(due.UnixMicro(), 10),
		strconv.FormatInt(took.Microseconds(), 10), strconv.FormatInt(held.Microseconds(), 10), strconv.Itoa(status), problem})
}
