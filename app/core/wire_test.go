package core

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"connectbackup/api"
	"connectbackup/device"
	"connectbackup/device/download"
)

// The tests of the wire run the shipped client, the adapter and the engine
// together, against a server that decides about every byte it sends.

// content is a file that a server has.
type content struct {
	data []byte
	tag  string // with its quotes
}

func newContent(size int) content {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(size), byte(size >> 8), 7}).Read(b)
	return content{data: b, tag: `"` + sum(b) + `"`}
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func (f content) request() download.Request {
	return download.Request{ID: "bkp_1", Name: "acme.zip", Size: int64(len(f.data)), SHA256: sum(f.data), ETag: f.tag}
}

// reply is one reply, to be sent as it is. Each field may be a lie.
type reply struct {
	status  string
	header  []string // "Name: value"
	body    []byte
	chunked bool
	headMax int            // send only so many bytes of status and header, then end; 0: all
	bodyMax int            // send only so many bytes of the body, then end; -1: all
	step    int            // bytes of the body written at once; 0: all
	between func()         // after each step
	end     func(net.Conn) // how it ends; nil: the connection stays open
}

// fault makes a good reply a bad one.
type fault func(*reply)

// good is the reply of a server without faults.
func (f content) good(r *http.Request) *reply {
	from, to := 0, len(f.data)
	text, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	first, last, _ := strings.Cut(text, "-")
	if n, err := strconv.Atoi(first); err == nil {
		from = n
	}
	if n, err := strconv.Atoi(last); err == nil {
		to = min(n+1, to)
	}
	rep := &reply{status: "206 Partial Content", bodyMax: -1}
	if tag := r.Header.Get("If-Range"); !ok || tag != "" && tag != f.tag {
		from, to, rep.status = 0, len(f.data), "200 OK"
	}
	if from >= len(f.data) && len(f.data) > 0 {
		rep.status = "416 Range Not Satisfiable"
		rep.header = []string{fmt.Sprintf("Content-Range: bytes */%d", len(f.data)), "Content-Length: 0"}
		return rep
	}
	rep.body = f.data[from:to]
	rep.header = []string{
		"Content-Type: application/zip", "ETag: " + f.tag, "Content-Length: " + strconv.Itoa(len(rep.body)),
	}
	if strings.HasPrefix(rep.status, "206") {
		rep.header = append(rep.header, fmt.Sprintf("Content-Range: bytes %d-%d/%d", from, to-1, len(f.data)))
	}
	return rep
}

// set replaces the header lines of that name; no values: there is none.
func (rep *reply) set(name string, values ...string) {
	var kept []string
	for _, line := range rep.header {
		if !strings.HasPrefix(strings.ToLower(line), strings.ToLower(name)+":") {
			kept = append(kept, line)
		}
	}
	for _, v := range values {
		kept = append(kept, name+": "+v)
	}
	rep.header = kept
}

// write sends the reply; false: the connection is not to be used again.
func (rep *reply) write(c net.Conn) bool {
	head := "HTTP/1.1 " + rep.status + "\r\n" + strings.Join(rep.header, "\r\n") + "\r\n\r\n"
	if rep.headMax > 0 {
		head = head[:min(rep.headMax, len(head))]
	}
	if _, err := io.WriteString(c, head); err != nil {
		return false
	}
	if rep.headMax == 0 && !rep.send(c) {
		return false
	}
	if rep.end != nil {
		rep.end(c)
		return false
	}
	return true
}

func (rep *reply) send(c net.Conn) bool {
	body := rep.body
	if rep.bodyMax >= 0 {
		body = body[:min(rep.bodyMax, len(body))]
	}
	step := rep.step
	if step == 0 {
		step = 64 << 10
	}
	for len(body) > 0 {
		b := body[:min(step, len(body))]
		body = body[len(b):]
		if rep.chunked {
			b = fmt.Appendf(nil, "%x\r\n%s\r\n", len(b), b)
		}
		if _, err := c.Write(b); err != nil {
			return false
		}
		if rep.between != nil {
			rep.between()
		}
	}
	if rep.chunked && rep.bodyMax < 0 {
		if _, err := io.WriteString(c, "0\r\n\r\n"); err != nil {
			return false
		}
	}
	return true
}

// fin ends a connection properly, rst with a reset, and stall not at all: it
// waits until the other side has gone.
func fin(c net.Conn) { _ = c.Close() }

func rst(c net.Conn) {
	under := c
	if wrapped, ok := c.(interface{ NetConn() net.Conn }); ok {
		under = wrapped.NetConn()
	}
	if tcp, ok := under.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = under.Close()
}

func stall(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// cut ends the reply after n bytes of its body.
func cut(n int, end func(net.Conn)) fault {
	return func(rep *reply) { rep.bodyMax, rep.end = n, end }
}

// refuse answers with a status and nothing of the file.
func refuse(status string, header ...string) fault {
	return func(rep *reply) {
		*rep = reply{status: status, bodyMax: -1, body: []byte("<h1>" + status + "</h1>")}
		rep.header = append([]string{"Content-Type: text/html", "Content-Length: " + strconv.Itoa(len(rep.body))}, header...)
	}
}

// problem answers as the contract says.
func problem(status string, code api.Code, header ...string) fault {
	return func(rep *reply) {
		refuse(status, header...)(rep)
		rep.body = fmt.Appendf(nil, `{"status":%s,"code":%q}`, status[:3], code)
		rep.set("Content-Type", "application/problem+json")
		rep.set("Content-Length", strconv.Itoa(len(rep.body)))
	}
}

// site is a server, and a device that downloads from it.
type site struct {
	*testing.T
	url    string
	file   content
	answer func(n int, r *http.Request) *reply // the n-th request, from 0
	accept func(net.Conn) net.Conn             // nil: as it is

	transport http.RoundTripper // nil: the shipped one
	virtual   bool              // time is
	clock     func() time.Time
	token     string
	dir       string
	log       bytes.Buffer
	err       error // of the last download that failed as it should

	mu    sync.Mutex
	asked []*http.Request
	conns map[net.Conn]bool
	dials int
	down  bool // connections are refused
	wait  sync.WaitGroup
}

// newSite serves over TCP on this machine; the first requests get the faults.
func newSite(t *testing.T, f content, faults ...fault) *site {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := prepared(t, f, faults...)
	s.url = "http://" + l.Addr().String()
	s.listen(l)
	return s
}

func (s *site) listen(l net.Listener) {
	s.wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(c)
		}
	})
	s.Cleanup(func() { _ = l.Close() }) // before the connections are closed
}

func prepared(t *testing.T, f content, faults ...fault) *site {
	t.Helper()
	s := &site{T: t, file: f, token: "access-SECRET", dir: t.TempDir(), conns: map[net.Conn]bool{}}
	s.answer = func(n int, r *http.Request) *reply {
		rep := f.good(r)
		if n < len(faults) && faults[n] != nil {
			faults[n](rep)
		}
		return rep
	}
	t.Cleanup(func() {
		s.mu.Lock()
		s.down = true
		for c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
		s.wait.Wait()
	})
	return s
}

// newVirtualSite serves over connections in memory, so that in a bubble of
// testing/synctest time passes at once.
func newVirtualSite(t *testing.T, f content, faults ...fault) *site {
	t.Helper()
	s := prepared(t, f, faults...)
	s.url, s.virtual = "http://localhost", true
	s.transport = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		s.mu.Lock()
		down := s.down
		s.mu.Unlock()
		if down {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}
		mine, theirs := net.Pipe()
		s.serve(theirs)
		return mine, nil
	}}
	return s
}

// serve answers the requests of a connection.
func (s *site) serve(c net.Conn) {
	if s.accept != nil {
		c = s.accept(c)
	}
	s.mu.Lock()
	s.conns[c] = true
	s.dials++
	if s.down {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wait.Go(func() {
		defer func() {
			_ = c.Close()
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		}()
		for in := bufio.NewReader(c); ; {
			r, err := http.ReadRequest(in)
			if err != nil && !errors.Is(err, io.EOF) { // as every server does
				_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
			}
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			if !s.next(r).write(c) {
				return
			}
		}
	})
}

func (s *site) next(r *http.Request) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.asked)
	s.asked = append(s.asked, r)
	return s.answer(n, r)
}

// ranges are the Range headers of all requests so far.
func (s *site) ranges() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, r := range s.asked {
		all = append(all, strings.TrimPrefix(r.Header.Get("Range"), "bytes="))
	}
	return all
}

func (s *site) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.asked...)
}

func (s *site) dialled() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dials
}

func (s *site) refuseConnections(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// client is the shipped client, signed in.
func (s *site) client() *api.Client {
	s.Helper()
	tokens := &tokenStore{secrets: device.OpenFileSecrets(s.TempDir()), lock: filepath.Join(s.TempDir(), "lock"), none: func(error) {}}
	if err := tokens.Save(api.Tokens{Access: s.token, Refresh: "refresh-SECRET", ExpiresAt: time.Now().Add(time.Hour)}); err != nil {
		s.Fatal(err)
	}
	c, err := api.New(api.Options{
		BaseURL: s.url, Transport: s.transport, Tokens: tokens, Clock: s.clock, AllowInsecure: true,
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(c.CloseIdleConnections)
	return c
}

// config is that of the app's engine.
func (s *site) config() download.Config {
	c := s.client()
	return download.Config{
		Source: archiveSource{func() (*api.Client, error) { return c, nil }},
		Folder: device.OpenFolder(s.dir),
		Log:    slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

func (s *site) fetch(r download.Request) (download.Result, error) {
	s.Helper()
	patience := time.Minute
	if s.virtual {
		patience = 24 * time.Hour
	}
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	return download.Fetch(ctx, s.config(), r, nil)
}

// saves downloads, and checks that the file is right and alone.
func (s *site) saves() download.Result {
	s.Helper()
	res, err := s.fetch(s.file.request())
	if err != nil {
		s.Fatalf("%v, asked %v", err, s.ranges())
	}
	s.holds(s.file.data)
	return res
}

// fails downloads, and checks that it ends with that error and without a file.
func (s *site) fails(want error) {
	s.Helper()
	_, err := s.fetch(s.file.request())
	if !errors.Is(err, want) {
		s.Fatalf("%v, want %v, asked %v", err, want, s.ranges())
	}
	if _, err := os.Stat(filepath.Join(s.dir, "acme.zip")); !errors.Is(err, os.ErrNotExist) {
		s.Errorf("there is a file: %v", err)
	}
	s.err = err
}

func (s *site) holds(want []byte) {
	s.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "acme.zip" {
		s.Fatalf("the folder has %v, %v", entries, err)
	}
	got, err := os.ReadFile(filepath.Join(s.dir, "acme.zip"))
	if err != nil || !bytes.Equal(got, want) {
		s.Errorf("the file has %d bytes, wrong ones: %v", len(got), err)
	}
}

// asks checks the ranges that were asked for.
func (s *site) asks(want ...string) {
	s.Helper()
	if got := s.ranges(); fmt.Sprint(got) != fmt.Sprint(want) {
		s.Errorf("asked for %v, want %v", got, want)
	}
}

// passing runs downloads over TCP with the shipped transport, each with a set
// of faults; each must end with the right bytes.
func passing(t *testing.T, size int, rows map[string]wireRow) {
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.check(newSite(t, newContent(size), row.faults...))
		})
	}
}

// virtually is passing with connections in memory, where waits take no time.
func virtually(t *testing.T, size int, rows map[string]wireRow) {
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { row.check(newVirtualSite(t, newContent(size), row.faults...)) })
		})
	}
}

type wireRow struct {
	faults []fault
	ranges []string // exactly these are asked for; nil: any
	once   bool     // no byte is fetched twice
}

func (row wireRow) check(s *site) {
	s.Helper()
	res := s.saves()
	if row.ranges != nil {
		s.asks(row.ranges...)
	}
	if row.once && res.NewFetched != int64(len(s.file.data)) {
		s.Errorf("%d bytes were fetched for %d", res.NewFetched, len(s.file.data))
	}
	for i, r := range s.requests() {
		from := strings.TrimSuffix(strings.TrimPrefix(r.Header.Get("Range"), "bytes="), "-")
		if tag := r.Header.Get("If-Range"); tag != "" && tag != s.file.tag || from == "0" && tag != "" {
			s.Errorf("request %d for %s with If-Range %s", i, from, tag)
		}
		if r.Header.Get("Accept-Encoding") != "identity" {
			s.Errorf("request %d accepts %q", i, r.Header.Get("Accept-Encoding"))
		}
	}
}

// A thousand downloads that fail over the wire, in every way, leave neither a
// goroutine nor a descriptor behind.
func TestD53_AThousandFailuresOverTheWire(t *testing.T) {
	open := func() int {
		names, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("this system does not tell")
		}
		return len(names)
	}
	f := newContent(20_000)
	faults := []fault{
		refuse("404 Not Found"), problem("410 Gone", api.CodeArchiveExpired), refuse("200 OK"),
		then(refuse("403 Forbidden"), cut(3, rst)), func(rep *reply) { rep.set("Content-Encoding", "gzip") },
		problem("409 Conflict", api.CodeBackupNotReady), refuse("400 Bad Request"),
		func(rep *reply) { to("ftp://x/")(rep) },
	}
	s := newSite(t, f)
	s.answer = func(n int, r *http.Request) *reply {
		rep := f.good(r)
		faults[n%len(faults)](rep)
		return rep
	}
	client := s.client()
	c := download.Config{
		Source: archiveSource{func() (*api.Client, error) { return client, nil }}, Folder: device.OpenFolder(s.dir),
	}
	var files, goroutines int
	for i := range 1000 {
		if _, err := download.Fetch(t.Context(), c, f.request(), nil); err == nil {
			t.Fatal("no failure")
		}
		if i == 50 {
			client.CloseIdleConnections()
			files, goroutines = open(), runtime.NumGoroutine()
		}
	}
	client.CloseIdleConnections()
	// Connections end in the background, on both sides.
	deadline := time.Now().Add(20 * time.Second)
	for open() > files || runtime.NumGoroutine() > goroutines {
		if time.Now().After(deadline) {
			t.Fatalf("%d descriptors and %d goroutines, %d and %d before", open(), runtime.NumGoroutine(), files, goroutines)
		}
		runtime.Gosched()
	}
}
