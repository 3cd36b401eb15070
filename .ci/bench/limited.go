package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// limitRate is what a limited line lets through, in bytes per second.
const limitRate = 4 << 20

// limitedRounds are fewer than the others: a round takes minutes, and a limit
// makes for little noise.
const limitedRounds = 3

// limited fetches a file over lines that let so much through: each of them, as
// many servers and paths do, or all together. A curl on one line shows the
// speed of one; aria2c opens eight.
func (b *bench) limited() (err error) {
	for _, part := range []struct {
		title string
		size  int64
		of    func(net.Listener) net.Listener
	}{
		{"Download of 320 MiB, each connection limited to 4 MiB/s", 320 << 20, func(l net.Listener) net.Listener {
			return &limitedListener{Listener: l}
		}},
		{"Download of 80 MiB, all connections together limited to 4 MiB/s", 80 << 20, func(l net.Listener) net.Listener {
			return &limitedListener{Listener: l, shared: &limit{}}
		}},
	} {
		if err := b.over(part.title, part.size, part.of); err != nil {
			return err
		}
	}
	return nil
}

// over measures with one kind of line.
func (b *bench) over(title string, size int64, of func(net.Listener) net.Listener) (err error) {
	file := filepath.Join(b.dir, "limited.bin")
	sum, err := writeNoise(file, size)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+sum+`"`)
		http.ServeFile(w, r, file)
	})}
	go func() { _ = server.Serve(of(l)) }() // ends with Close, which is all it has to say
	defer func() { err = errors.Join(err, server.Close(), os.Remove(file)) }()
	address := "http://" + l.Addr().String() + "/limited.bin"
	to := filepath.Join(b.dir, "downloaded")
	with := func(name string, args ...string) *contestant {
		return &contestant{
			name:    name,
			clean:   func() error { return errors.Join(os.RemoveAll(to), os.Mkdir(to, 0o700)) },
			command: func() *exec.Cmd { return exec.Command(args[0], args[1:]...) },
		}
	}
	all := []*contestant{
		with("curl, one connection", "curl", "-sS", "-o", filepath.Join(to, "limited.bin"), address),
		with("aria2c -x8 -s8, no check", "aria2c", "-q", "-x8", "-s8", "-k1M", "-d", to, address),
		with("aria2c -x8 -s8, SHA-256", "aria2c", "-q", "-x8", "-s8", "-k1M", "--checksum=sha-256="+sum, "-d", to, address),
		with("connect-backup fetch, SHA-256", b.program("connect-backup-headless"), "fetch", "--dir", to,
			"--size", fmt.Sprint(size), "--sha256", sum, "--etag", `"`+sum+`"`, address),
	}
	for range limitedRounds {
		if err := once(all...); err != nil {
			return err
		}
	}
	tell(title, size, all...)
	return nil
}

// limit lets limitRate bytes through a second.
type limit struct {
	mu   sync.Mutex
	next time.Time // when the line is free again
}

// wait waits until n bytes may pass.
func (l *limit) wait(n int) {
	l.mu.Lock()
	now := time.Now()
	if l.next.Before(now) {
		l.next = now
	}
	l.next = l.next.Add(time.Duration(n) * time.Second / limitRate)
	until := l.next
	l.mu.Unlock()
	time.Sleep(time.Until(until)) //nolint:forbidigo // this is what a line does
}

// limitedListener limits what it accepts: together where shared is set, else
// each connection for itself.
type limitedListener struct {
	net.Listener
	shared *limit
}

// Accept implements net.Listener.
func (l *limitedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	line := l.shared
	if line == nil {
		line = &limit{}
	}
	return &limitedConn{Conn: c, line: line}, nil
}

// limitedConn lets bytes out at the speed of its line, in pieces small enough
// that connections that share it take turns.
type limitedConn struct {
	net.Conn
	line *limit
}

// Write implements net.Conn.
func (c *limitedConn) Write(b []byte) (n int, err error) {
	const piece = 32 << 10
	for len(b) > 0 && err == nil {
		part := b[:min(piece, len(b))]
		c.line.wait(len(part))
		var wrote int
		wrote, err = c.Conn.Write(part)
		n, b = n+wrote, b[wrote:]
	}
	return n, err
}
