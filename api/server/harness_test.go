package server

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// noon is when most tests play: a Wednesday.
var noon = time.Date(2026, time.June, 17, 10, 0, 0, 0, time.UTC)

// seeded is a data folder with a small demo, made once; tests get copies.
var seeded string

func TestMain(m *testing.M) {
	argon.memory, argon.time = 64, 1 // one test checks the real cost
	if dir := os.Getenv(childEnv); dir != "" {
		os.Exit(childMain(dir, os.Getenv(childPlaceEnv)))
	}
	code, err := withSeeded(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withSeeded(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "connect-server-*")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w, r, err := openFiles(dir)
	if err != nil {
		return 1, err
	}
	ctx := context.Background()
	s, err := Open(ctx, Config{Write: w, Read: r, Dir: dir, Clock: func() time.Time { return noon }, Demo: DemoOptions{Scale: 0.03}})
	if err != nil {
		return 1, err
	}
	_, err = s.SeedDemo(ctx)
	if err = errors.Join(err, s.Close(), r.Close(), w.Close()); err != nil {
		return 1, err
	}
	seeded = dir
	return m.Run(), nil
}

func openFiles(dir string) (w, r *sql.DB, err error) {
	open := func(n int, pragma, value string) (*sql.DB, error) {
		q := url.Values{}
		for name, value := range map[string]string{"busy_timeout": "10000", "foreign_keys": "1", pragma: value} {
			q.Add("_pragma", name+"("+value+")") // as the desktop's driver wants it
			q.Set("_"+name, value)               // and the phones'
		}
		db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "server.db")+"?"+q.Encode())
		if err == nil {
			db.SetMaxOpenConns(n)
			err = db.Ping()
		}
		return db, err
	}
	if w, err = open(1, "journal_mode", "WAL"); err != nil {
		return nil, nil, err
	}
	r, err = open(8, "query_only", "1")
	return w, r, err
}

// serverIn opens a server on the files in c.Dir, which the caller closes.
func serverIn(tb testing.TB, c Config) (s *Server, w, r *sql.DB) {
	tb.Helper()
	w, r, err := openFiles(c.Dir)
	if err != nil {
		tb.Fatal(err)
	}
	c.Write, c.Read = w, r
	if s, err = Open(tb.Context(), c); err != nil {
		tb.Fatal(err)
	}
	return s, w, r
}

// bodyOf is the body of a request: a string as it is, all else as JSON.
func bodyOf(tb testing.TB, body any) io.Reader {
	tb.Helper()
	switch b := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(b)
	}
	j, err := json.Marshal(body)
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.NewReader(j)
}

// testClock is a clock that stands still until it is moved.
type testClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *testClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

func (c *testClock) add(d time.Duration) { c.set(c.now().Add(d)) }

// world is a server on files of its own, reached over HTTP.
type world struct {
	*testing.T
	dir   string
	clock *testClock
	s     *Server
	w, r  *sql.DB
	http  *httptest.Server
	log   *bytes.Buffer
	c     Config
}

// newWorld opens a server on a copy of the seeded demo.
func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(seeded)); err != nil {
		t.Fatal(err)
	}
	return openWorld(t, dir, change...)
}

// emptyWorld opens a server without any organisation.
func emptyWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	return openWorld(t, t.TempDir(), change...)
}

func openWorld(t *testing.T, dir string, change ...func(*Config)) *world {
	t.Helper()
	w := &world{T: t, dir: dir, clock: &testClock{t: noon}, log: &bytes.Buffer{}}
	w.c = Config{CreatePerMinute: -1, Cores: 1 /* one module after the other */, Demo: DemoOptions{Scale: 0.03}}
	for _, f := range change {
		f(&w.c)
	}
	w.open()
	t.Cleanup(w.close)
	return w
}

// open starts a server on the folder, as after a restart.
func (w *world) open() { w.Helper(); w.openAt("127.0.0.1:0") }

// openAt does so at an address.
func (w *world) openAt(address string) {
	w.Helper()
	var err error
	if w.w, w.r, err = openFiles(w.dir); err != nil {
		w.Fatal(err)
	}
	w.c.Write, w.c.Read, w.c.Dir, w.c.Clock = w.w, w.r, w.dir, w.clock.now
	w.c.Log = slog.New(slog.NewTextHandler(&lockedWriter{w: w.log}, nil))
	if w.s, err = Open(w.Context(), w.c); err != nil {
		w.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(w.Context(), "tcp", address)
	if err != nil {
		w.Fatal(err)
	}
	w.http = &httptest.Server{Listener: l, Config: &http.Server{Handler: w.s.Handler(), ReadHeaderTimeout: time.Minute}}
	w.http.Start()
}

func (w *world) close() {
	if w.s == nil {
		return
	}
	w.http.Close()
	if err := errors.Join(w.s.Close(), w.r.Close(), w.w.Close()); err != nil {
		w.Error(err)
	}
	w.s = nil
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// reply is what the server answered.
type reply struct {
	*testing.T
	status int
	header http.Header
	body   []byte
}

// call makes a request; headers are "Name: value". A body that is not a string
// is sent as JSON.
func (w *world) call(method, path string, body any, headers ...string) reply {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.http.URL+path, bodyOf(w.T, body))
	if err != nil {
		w.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	return reply{w.T, resp.StatusCode, resp.Header, b}
}

// want fails the test unless the reply has this status.
func (r reply) want(status int) reply {
	r.Helper()
	if r.status != status {
		r.Fatalf("got %d %s, want %d", r.status, r.body, status)
	}
	return r
}

// problem fails the test unless the reply is a problem of this kind.
func (r reply) problem(status int, code api.Code) api.Problem {
	r.Helper()
	r.want(status)
	var p api.Problem
	if err := json.Unmarshal(r.body, &p); err != nil {
		r.Fatalf("%v: %s", err, r.body)
	}
	if p.Code != code || p.Status != status || r.header.Get("Content-Type") != "application/problem+json" || r.header.Get("X-Request-Id") == "" {
		r.Fatalf("got %s %s %v, want code %s", r.header.Get("Content-Type"), r.body, r.header, code)
	}
	return p
}

func into[T any](r reply) (v T) {
	r.Helper()
	if err := json.Unmarshal(r.body, &v); err != nil {
		r.Fatalf("%v: %s", err, r.body)
	}
	return v
}

func signInAs(email string) api.SignIn {
	return api.SignIn{Email: email, Password: demoPassword, Device: api.Device{ID: "dev_test", Name: "Test", Platform: "linux", AppVersion: "1"}}
}

// signedIn is the header that signs a request in as somebody.
func (w *world) signedIn(email string) string {
	w.Helper()
	return "Authorization: Bearer " + into[api.Session](w.call("POST", "/v1/session", signInAs(email)).want(201)).AccessToken
}

func (w *world) demo() string { w.Helper(); return w.signedIn("demo@acme.example") }

// request asks for a small backup.
func request(title string) api.NewBackup {
	today := calendar.DayOf(noon, time.UTC)
	return api.NewBackup{Title: title, From: today.AddMonths(-3), Till: today, Modules: []string{"invoices", "departments", "visitors"}}
}

var keys struct {
	sync.Mutex
	n int
}

func newKey() string {
	keys.Lock()
	defer keys.Unlock()
	keys.n++
	return fmt.Sprintf("Idempotency-Key: key-%d", keys.n)
}

func (w *world) create(auth string, n api.NewBackup) api.Backup {
	w.Helper()
	return into[api.Backup](w.call("POST", "/v1/backups", n, auth, newKey()).want(202))
}

func (w *world) get(auth, id string) api.Backup {
	w.Helper()
	return into[api.Backup](w.call("GET", "/v1/backups/"+id, nil, auth).want(200))
}

// until waits for what is wanted of a backup, told by the server's own changes.
func (w *world) until(id string, wanted func(api.Backup) bool) api.Backup {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
	defer cancel()
	for {
		changed, running := w.s.changes.next(), w.s.jobs.progress()
		row, err := w.s.load(ctx, id)
		if err != nil {
			w.Fatal(err)
		}
		b := shown(row, running)
		if wanted(b) {
			return b
		}
		select {
		case <-changed:
		case <-ctx.Done():
			w.Fatalf("waited in vain; the backup is %+v", b)
		}
	}
}

func (w *world) ended(id string) api.Backup {
	w.Helper()
	return w.until(id, func(b api.Backup) bool { return b.Status != api.StatusPending })
}

// make makes a backup and waits until it is completed.
func (w *world) make(auth string, n api.NewBackup) api.Backup {
	w.Helper()
	b := w.ended(w.create(auth, n).ID)
	if b.Status != api.StatusCompleted {
		w.Fatalf("backup is %s: %+v", b.Status, b.Error)
	}
	return b
}

// left are the files below the folder of a kind.
func (w *world) left(dir string) []string {
	w.Helper()
	entries, err := os.ReadDir(filepath.Join(w.dir, dir))
	if err != nil {
		w.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// untidied are the temporary files that are left although every job has ended.
// A job removes its own after it said that it ended, so that is waited for.
func (w *world) untidied() []string {
	w.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(10 * time.Second); ; <-look.C {
		if left := w.left("tmp"); len(left) == 0 || time.Now().After(end) {
			return left
		}
	}
}

// gate is a Pace that holds jobs at one place.
type gate struct {
	stage   api.Stage
	module  string
	reached chan string // gets the module, or nothing for a stage without
	open    chan struct{}
}

func newGate(stage api.Stage, module string) *gate {
	return &gate{stage: stage, module: module, reached: make(chan string, 100), open: make(chan struct{})}
}

func (g *gate) pace(ctx context.Context, stage api.Stage, module string) error {
	if stage != g.stage || module != g.module {
		return ctx.Err()
	}
	g.reached <- module
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) config(c *Config) { c.Pace = g.pace }

// organisation adds one with a single user and modules of the demo's kind.
func (w *world) organisation(name, zone, locale string) (id int64, email string) {
	w.Helper()
	email = "user@" + name + ".example"
	err := w.s.write(w.Context(), func(tx *sql.Tx) error {
		r, err := tx.Exec("INSERT INTO organisations (public_id, name, timezone, locale) VALUES (?, ?, ?, ?)", "org_"+name, name, zone, locale)
		if err != nil {
			return err
		}
		if id, err = r.LastInsertId(); err != nil {
			return err
		}
		if _, err = addUser(w.Context(), tx, id, demoUser{
			"usr_" + name, email, "User of " + name, "active",
			[]string{api.PermissionCreate, api.PermissionDownload},
		}, hashPassword(demoPassword)); err != nil {
			return err
		}
		return addModules(w.Context(), tx, id, demoModules())
	})
	if err != nil {
		w.Fatal(err)
	}
	return id, email
}

var seq int64

// record adds a record made at an instant.
func (w *world) record(org int64, module string, at time.Time, cells ...string) {
	w.Helper()
	j, err := json.Marshal(cells)
	if err != nil {
		w.Fatal(err)
	}
	seq++
	if _, err := w.w.Exec("INSERT INTO records (org_id, module, created_at, seq, updated_at, cells) VALUES (?, ?, ?, ?, ?, ?)",
		org, module, millis(at), seq, millis(at), string(j)); err != nil {
		w.Fatal(err)
	}
}

// department adds one, called name.
func (w *world) department(org int64, at time.Time, name string) {
	w.Helper()
	w.record(org, "departments", at, "001", name, "00007", "Boss", "3")
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	if err := w.r.QueryRow(query, args...).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}
