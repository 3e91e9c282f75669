// SPDX-License-Identifier: Apache-2.0

// A function that is nothing but state: what the benchmarks move.
//
// It fills MIB mebibytes with random bytes, which no compression makes smaller, and answers HTTP on PORT. With
// NEIGHBOUR set it keeps one TCP connection to the container of its pod that listens on that port + 1000; a call goes
// down the whole chain, so that an answer of the first container proves that every container of the pod executes.
package main

import (
	"bufio"
	"context"
	crand "crypto/rand"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How long a call waits for the next container of the chain, which may still be starting or being restored.
const patience = 30 * time.Second

type function struct {
	mutex     sync.Mutex
	memory    []byte
	process   string
	count     int
	neighbour *neighbour
}

// answer is what a call tells; the sums are over this container and those behind it.
type answer struct {
	Process  string `json:"process"`
	Count    int    `json:"count"`
	Sum      int    `json:"sum"`
	Connects int    `json:"connects"`
}

func main() {
	port := number("PORT", 8080)
	f := &function{memory: fill(number("MIB", 16)), process: crand.Text()}
	if next := number("NEIGHBOUR", 0); next != 0 {
		f.neighbour = &neighbour{address: fmt.Sprintf("127.0.0.1:%d", next+1000)}
	}
	go f.serveChain(listen(fmt.Sprintf("127.0.0.1:%d", port+1000)))

	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { reply(w, f.call()) })
	http.HandleFunc("GET /memory", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]string{"crc32": fmt.Sprintf("%08x", crc32.ChecksumIEEE(f.memory))})
	})
	http.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("pong\n")) })
	new(calls).register()
	log.Fatal(http.Serve(listen(fmt.Sprintf(":%d", port)), nil))
}

func (f *function) call() answer {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.count++
	result := answer{Process: f.process, Count: f.count, Sum: f.count}
	if f.neighbour != nil {
		sum, connects := f.neighbour.ask()
		result.Sum += sum
		result.Connects = connects + f.neighbour.connects
	}
	return result
}

// serveChain answers each line of the container before this one with the sums over the rest of the chain.
func (f *function) serveChain(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer connection.Close()
			for lines := bufio.NewScanner(connection); lines.Scan(); {
				a := f.call()
				if _, err := fmt.Fprintf(connection, "%d %d\n", a.Sum, a.Connects); err != nil {
					return
				}
			}
		}()
	}
}

type neighbour struct {
	address    string
	connects   int
	connection net.Conn
	replies    *bufio.Reader
}

// ask gives the sums over the chain behind the connection, which is made again if it broke.
func (n *neighbour) ask() (sum, connects int) {
	for deadline := time.Now().Add(patience); ; {
		err := n.try(&sum, &connects)
		if err == nil {
			return sum, connects
		}
		if n.connection != nil {
			n.connection.Close()
			n.connection = nil
		}
		if time.Now().After(deadline) {
			log.Fatalf("%s: %v", n.address, err)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (n *neighbour) try(sum, connects *int) error {
	if n.connection == nil {
		connection, err := net.Dial("tcp", n.address)
		if err != nil {
			return err
		}
		n.connection, n.replies = connection, bufio.NewReader(connection)
		n.connects++
	}
	if _, err := n.connection.Write([]byte("?\n")); err != nil {
		return err
	}
	line, err := n.replies.ReadString('\n')
	if err != nil {
		return err
	}
	_, err = fmt.Sscan(line, sum, connects)
	return err
}

// listen avoids MPTCP, Go's default for listeners: CRIU cannot dump it, and the stock path does not switch it off.
func listen(address string) net.Listener {
	var configuration net.ListenConfig
	configuration.SetMultipathTCP(false)
	listener, err := configuration.Listen(context.Background(), "tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func fill(mebibytes int) []byte {
	var seed [32]byte
	crand.Read(seed[:])
	memory := make([]byte, mebibytes<<20)
	rand.NewChaCha8(seed).Read(memory)
	return memory
}

func number(variable string, fallback int) int {
	text := strings.TrimSpace(os.Getenv(variable))
	if text == "" {
		return fallback
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatalf("%s: %v", variable, err)
	}
	return value
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	// a kept connection to the outside would only measure how fast callers notice that it ended
	w.Header().Set("Connection", "close")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Print(err)
	}
}
