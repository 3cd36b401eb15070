package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	password = "correct horse battery staple"
	oldToken = "access-old-SECRET"
	newToken = "access-new-SECRET"
)

// site is a server that answers by a function and remembers what it was asked.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request, answer http.HandlerFunc) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Clone(context.WithoutCancel(r.Context())))
	s.mu.Unlock()
	answer(w, r)
}

// requests are what was asked so far, as "GET /path?query".
func (s *site) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, r := range s.asked {
		all = append(all, r.Method+" "+r.URL.RequestURI())
	}
	return all
}

// header is what the nth request said under that name.
func (s *site) header(n int, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[n].Header.Get(name)
}

func (s *site) start(t *testing.T, begin func(), answer http.HandlerFunc) *site {
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r, answer) })
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	begin()
	t.Cleanup(s.Close)
	return s
}

func serve(t *testing.T, answer http.HandlerFunc) *site {
	t.Helper()
	s := &site{Server: httptest.NewUnstartedServer(nil)}
	return s.start(t, s.Start, answer)
}

func serveTLS(t *testing.T, answer http.HandlerFunc) *site {
	t.Helper()
	s := &site{Server: httptest.NewUnstartedServer(nil)}
	return s.start(t, s.StartTLS, answer)
}

func sendJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func sendProblem(w http.ResponseWriter, status int, code Code) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Request-Id", "req-7")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"type":"about:blank","title":"T","status":%d,"detail":"D","code":%q,"later":1}`, status, code)
}

// store is a TokenStore that can be looked into and made to fail.
type store struct {
	memoryTokens
	mu               sync.Mutex
	saves, clears    int
	failSave, failed error
}

func signedIn() *store {
	s := &store{}
	s.held = Tokens{Access: oldToken, Refresh: "refresh-1-SECRET", ExpiresAt: time.Unix(0, 0)}
	return s
}

func (s *store) Load() (Tokens, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return Tokens{}, s.failed
	}
	return s.memoryTokens.Load()
}

func (s *store) Save(t Tokens) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saves++
	return errors.Join(s.failSave, s.memoryTokens.Save(t))
}

func (s *store) Clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clears++
	return s.memoryTokens.Clear()
}

// naps are the pauses of a client, which it does not really make. The clock
// goes on by them.
type naps struct {
	mu    sync.Mutex
	taken []time.Duration
	now   time.Time
	nap   func(n int) error // called with each, if set
}

func (n *naps) sleep(_ context.Context, d time.Duration) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.taken = append(n.taken, d)
	n.now = n.now.Add(d)
	if n.nap != nil {
		return n.nap(len(n.taken))
	}
	return nil
}

func (n *naps) clock() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

func (n *naps) all() []time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]time.Duration(nil), n.taken...)
}

func client(t *testing.T, s *site, tokens TokenStore, change ...func(*Options)) (*Client, *naps) {
	t.Helper()
	n := &naps{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	o := Options{BaseURL: s.URL, Tokens: tokens, Clock: n.clock, Sleep: n.sleep, Transport: s.Client().Transport}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c, n
}

// as is errors.As for one line.
func as[T error](t *testing.T, err error) T {
	t.Helper()
	var target T
	if !errors.As(err, &target) {
		t.Fatalf("got %T %v, want a %T", err, err, target)
	}
	return target
}

// isA is as for whom the type is enough.
func isA[T error](t *testing.T, err error) {
	t.Helper()
	_ = as[T](t, err)
}

// silentAbout fails when an error, however printed, holds a secret.
func silentAbout(t *testing.T, err error, secrets ...string) {
	t.Helper()
	var text strings.Builder
	for e := err; e != nil; e = errors.Unwrap(e) {
		fmt.Fprintf(&text, "%v\n%+v\n%#v\n", e, e, e)
	}
	for _, s := range append(secrets, password, oldToken, newToken, "SECRET") {
		if strings.Contains(text.String(), s) {
			t.Errorf("the error tells %q: %s", s, text.String())
		}
	}
}

const (
	sessionReply = `{"access_token":"` + newToken + `","refresh_token":"refresh-2-SECRET","expires_at":"2026-03-01T13:00:00Z",
		"user":{"id":"u1","name":"Anna","email":"a@x","permissions":["backup.create"]},
		"organisation":{"id":"o1","name":"Acme","timezone":"Europe/Berlin","locale":"de-DE"}}`
	pendingBackup   = `{"id":"bkp_1","title":"T","status":"pending","stage":"packing","progress":{"percent":40},"modules":[],"from":"2024-03-01","till":"2026-03-01"}`
	completedBackup = `{"id":"bkp_1","title":"T","status":"completed","progress":null,"modules":[],"from":"2024-03-01","till":"2026-03-01","new_field":{}}`
)
