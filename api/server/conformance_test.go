package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// TestConformance holds a server to the contract, over plain HTTP, one subtest
// a rule: the list of their names is the specification, and api/openapi.yaml
// has the details. Every reply is held against that description as well.
//
//	go test ./api/server -run Conformance -v
//
// Without more the embedded server answers. For another one:
//
//	CONNECT_URL             its address, such as http://127.0.0.1:8480
//	CONNECT_EMAIL           somebody with all permissions; otherwise the demo's
//	CONNECT_PASSWORD
//	CONNECT_READER_EMAIL    somebody of the same organisation without
//	CONNECT_READER_PASSWORD backup.create, such as maria@acme.example of the demo
//	CONNECT_PENDING_EMAIL   somebody whose account has not been released, such
//	CONNECT_PENDING_PASSWORD as noor@acme.example of the demo
//	CONNECT_OTHER_EMAIL     somebody of another organisation
//	CONNECT_OTHER_PASSWORD
//
// What needs somebody who is not named is skipped. The organisation must have
// records of the last weeks, which nobody changes meanwhile: archives of the
// same days are compared. Against another server this takes some minutes,
// because the limits of the contract are waited for; it makes nearly thirty
// backups there.
func TestConformance(t *testing.T) {
	s := newSuite(t)
	left := 0 // rules that -run leaves out
	for _, group := range []struct {
		name  string
		rules []rule
	}{
		{"every reply", replyRules},
		{"server", infoRules},
		{"session", sessionRules},
		{"device", deviceRules},
		{"command token", tokenRules},
		{"module", moduleRules},
		{"retention", retentionRules}, // before there are backups of everything
		{"create", createRules},
		{"backup", backupRules},
		{"list", listRules},
		{"archive", archiveRules},
		{"record", recordRules},
		{"download", downloadRules},
		{"event", eventRules},
		{"organisation", organisationRules},
		{"limit", limitRules},
	} {
		left += len(group.rules)
		t.Run(group.name, func(t *testing.T) {
			for _, r := range group.rules {
				t.Run(r.name, func(t *testing.T) {
					left--
					r.holds(&check{T: t, suite: s})
				})
			}
		})
	}
	if s.embedded && left == 0 && !t.Failed() {
		s.complete(t)
	}
}

// complete fails the test unless the rules, all together, have seen every
// operation succeed and every problem code that can be brought about.
func (s *suite) complete(t *testing.T) {
	t.Helper()
	for _, r := range routes {
		if !s.seen[r.id+" "+strconv.Itoa(r.status)] {
			t.Errorf("no rule sees %s succeed", r.id)
		}
	}
	for _, code := range api.Codes() {
		switch code {
		case api.CodeInternal, api.CodeMaintenance, api.CodeInsufficientStorage: // not for the asking
		case api.CodeIdempotencyInProgress: // for servers that cannot wait for the first request
		default:
			if !s.seen[string(code)] {
				t.Errorf("no rule sees %s", code)
			}
		}
	}
}

// note remembers what was seen.
func (s *suite) note(operation *huma.Operation, status int, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if operation != nil {
		s.seen[operation.OperationID+" "+strconv.Itoa(status)] = true
	}
	var p api.Problem
	if status >= 400 && json.Unmarshal(body, &p) == nil {
		s.seen[string(p.Code)] = true
	}
}

// rule is one sentence of the contract.
type rule struct {
	name  string
	holds func(c *check)
}

// account is somebody who can sign in; without an e-mail there is nobody.
type account struct{ email, password string }

// suite is the server and what the rules share.
type suite struct {
	base                         string
	full, reader, pending, other account
	wait                         func(d time.Duration) // until the server's clock has gone on
	embedded                     bool
	doc                          *huma.OpenAPI
	run                          string // in the titles of this run

	mu       sync.Mutex
	ids      map[string]bool // X-Request-Id so far
	seen     map[string]bool // operations with their status, and problem codes
	n        int
	auths    map[string]string
	sample   api.Backup
	spanned  api.Backup // see whole
	parted   api.Backup // see part
	holdings map[string]holding
}

// check is a rule being checked.
type check struct {
	*testing.T
	*suite
}

func newSuite(t *testing.T) *suite {
	t.Helper()
	s := &suite{
		base: strings.TrimRight(os.Getenv("CONNECT_URL"), "/"), doc: description(), run: strings.ToLower(rand.Text()[:6]),
		ids: map[string]bool{}, seen: map[string]bool{}, auths: map[string]string{}, holdings: map[string]holding{},
	}
	if s.base == "" {
		s.embed(t)
		return s
	}
	named := func(who string, otherwise account) account {
		a := account{os.Getenv("CONNECT_" + who + "EMAIL"), os.Getenv("CONNECT_" + who + "PASSWORD")}
		if a.email == "" {
			return otherwise
		}
		return a
	}
	s.full = named("", account{demoUsers[0].email, demoPassword})
	s.reader, s.pending, s.other = named("READER_", account{}), named("PENDING_", account{}), named("OTHER_", account{})
	s.wait = func(d time.Duration) {
		t.Logf("waiting %v for the server's limits", d)
		timer := time.NewTimer(d)
		defer timer.Stop()
		<-timer.C
	}
	return s
}

// embed lets the embedded server answer, with the demo and one organisation
// more, at a pace at which something can be seen.
func (s *suite) embed(t *testing.T) {
	t.Helper()
	w := newWorld(t, func(c *Config) {
		c.CreatePerMinute = 0
		c.Pace = func(ctx context.Context, _ api.Stage, _ string) error {
			timer := time.NewTimer(10 * time.Millisecond)
			defer timer.Stop()
			select {
			case <-timer.C:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	_, other := w.organisation("Other", "Pacific/Auckland", "en-NZ")
	w.tempt()
	s.base, s.embedded, s.wait = w.http.URL, true, w.clock.add
	s.full, s.reader = account{demoUsers[0].email, demoPassword}, account{demoUsers[1].email, demoPassword}
	s.pending, s.other = account{demoUsers[2].email, demoPassword}, account{other, demoPassword}
}

// tempt gives the server occasion for faults: records from the first and last
// hour of days, which belong to other days by UTC, and a backup of a month made
// on its last afternoon, nearly two years ago. That has the days of records
// that are about to go, and not all of them.
func (w *world) tempt() {
	w.Helper()
	zone, err := time.LoadLocation(demoZone)
	if err != nil {
		w.Fatal(err)
	}
	const demoOrg = 1
	now := w.clock.now()
	for day, n := calendar.DayOf(now, zone), 1; n < 60; n++ {
		w.department(demoOrg, day.AddDays(-n).Start(zone), "Night shift")
		w.department(demoOrg, day.AddDays(1-n).Start(zone).Add(-time.Minute), "Late shift")
	}
	then := time.Date(2024, time.July, 31, 12, 0, 0, 0, time.UTC) // a Wednesday: there are records of it
	w.clock.set(then)
	defer w.clock.set(now)
	till := calendar.DayOf(then, zone)
	w.make(w.demo(), api.NewBackup{Title: "Before the day was over", From: till.AddDays(-30), Till: till})
}

// client makes exactly the requests it is told to.
var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// call makes a request and holds the reply against the description; headers
// are "Name: value".
func (c *check) call(method, path string, body any, headers ...string) reply {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), time.Minute)
	defer cancel()
	resp := c.open(ctx, method, path, body, headers...)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.Fatal(err)
	}
	r := reply{c.T, resp.StatusCode, resp.Header, b}
	c.described(method, path, r)
	return r
}

// open makes a request and leaves the body to be read.
func (c *check) open(ctx context.Context, method, path string, body any, headers ...string) *http.Response {
	c.Helper()
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bodyOf(c.T, body))
	if err != nil {
		c.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		c.Fatal(err)
	}
	c.traceable(resp)
	c.note(c.operation(method, path), resp.StatusCode, nil)
	return resp
}

// traceable: every reply has Date and an X-Request-Id of its own.
func (c *check) traceable(resp *http.Response) {
	c.Helper()
	if _, err := http.ParseTime(resp.Header.Get("Date")); err != nil {
		c.Errorf("Date: %v", err)
	}
	id := resp.Header.Get("X-Request-Id")
	c.mu.Lock()
	defer c.mu.Unlock()
	if id == "" || c.ids[id] {
		c.Errorf("X-Request-Id %q is missing or not new", id)
	}
	c.ids[id] = true
}

// operation finds what the description says of a request; nil if nothing.
func (s *suite) operation(method, path string) *huma.Operation {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	best := ""
	for pattern := range s.doc.Paths {
		p := strings.Split(pattern, "/")
		if len(p) == len(parts) && fits(p, parts) &&
			(best == "" || strings.Contains(best, "{")) {
			best = pattern
		}
	}
	item := s.doc.Paths[best]
	if item == nil {
		return nil
	}
	return map[string]*huma.Operation{
		"GET": item.Get, "HEAD": item.Head, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete, "PUT": item.Put,
	}[method]
}

func fits(pattern, parts []string) bool {
	for i, p := range pattern {
		if p != parts[i] && (!strings.HasPrefix(p, "{") || parts[i] == "") {
			return false
		}
	}
	return true
}

// described fails the test unless the description allows this reply.
func (c *check) described(method, path string, r reply) {
	c.Helper()
	o := c.operation(method, path)
	c.note(o, r.status, r.body)
	if o == nil {
		return // the rules about what is not there look at it
	}
	at := fmt.Sprintf("%s %s: %d", method, o.Path, r.status)
	said := o.Responses[strconv.Itoa(r.status)]
	if said == nil {
		c.Errorf("%s is not described: %.300s", at, r.body)
		return
	}
	media, _, _ := strings.Cut(r.header.Get("Content-Type"), ";")
	if len(r.body) == 0 || method == http.MethodHead || media == archiveType || strings.HasPrefix(media, "multipart/") {
		return
	}
	form := said.Content[media]
	if form == nil {
		c.Errorf("%s comes as %q", at, media)
		return
	}
	var value any
	if err := json.Unmarshal(r.body, &value); err != nil {
		c.Errorf("%s: %v", at, err)
		return
	}
	result := &huma.ValidateResult{}
	huma.Validate(c.doc.Components.Schemas, form.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, result)
	for _, err := range result.Errors {
		c.Errorf("%s is not as described: %v", at, err)
	}
	if fields, ok := value.(map[string]any); ok && r.status >= 400 {
		if code, ok := fields["code"].(string); !ok || !strings.Contains("; "+said.Description, "; "+code+":") {
			c.Errorf("%s has the code %v, which is not described", at, fields["code"])
		}
		if wait := r.header.Get("Retry-After"); wait == "" && (r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable) {
			c.Errorf("%s does not say when to try again", at)
		}
	}
}

// patiently makes a request again when its limit has passed.
func (c *check) patiently(f func() reply) reply {
	c.Helper()
	for range 3 {
		r := f()
		if r.status != http.StatusTooManyRequests {
			return r
		}
		c.pause(r)
	}
	c.Fatal("the limit does not pass")
	return reply{}
}

// pause waits as long as a reply says.
func (c *check) pause(r reply) {
	c.Helper()
	seconds, err := strconv.Atoi(r.header.Get("Retry-After"))
	if err != nil || seconds < 1 || seconds > 120 {
		c.Fatalf("Retry-After: %q", r.header.Get("Retry-After"))
	}
	c.wait(time.Duration(seconds) * time.Second)
}

// signIn opens a new session on a device.
func (c *check) signIn(who account, device string) api.Session {
	c.Helper()
	if who.email == "" {
		c.Skip("nobody is named who could sign in for this")
	}
	in := api.SignIn{Email: who.email, Password: who.password, Device: api.Device{
		ID: device + "_" + c.run, Name: "Conformance " + device, Platform: "linux", AppVersion: "1",
	}}
	return into[api.Session](c.patiently(func() reply { return c.call("POST", "/v1/session", in) }).want(201))
}

func bearer(token string) string { return "Authorization: Bearer " + token }

// as is the header of a session that the rules share.
func (c *check) as(who account) string {
	c.Helper()
	if auth := c.auths[who.email]; auth != "" {
		if c.call("GET", "/v1/session", nil, auth).status == http.StatusOK {
			return auth
		}
	}
	c.auths[who.email] = bearer(c.signIn(who, "shared").AccessToken)
	return c.auths[who.email]
}

func (c *check) auth() string { c.Helper(); return c.as(c.full) }

// title is a new one of this run.
func (c *check) title() string {
	c.n++
	return fmt.Sprintf("Conformance %s %d", c.run, c.n)
}

// modules are the organisation's modules, and its today.
func (c *check) modules() api.ModuleList {
	c.Helper()
	l := into[api.ModuleList](c.call("GET", "/v1/modules", nil, c.auth()).want(200))
	if len(l.Items) == 0 {
		c.Fatal("the organisation has no modules")
	}
	return l
}

// small is a backup of the last weeks of one module that has records.
func (c *check) small() api.NewBackup {
	c.Helper()
	l := c.modules()
	best := slices.MaxFunc(l.Items, func(a, b api.Module) int {
		return int(min(a.Records, 1)) - int(min(b.Records, 1))
	})
	return api.NewBackup{Title: c.title(), From: l.Today.AddDays(-20), Till: l.Today, Modules: []string{best.Key}}
}

// large is one that takes a while.
func (c *check) large() api.NewBackup {
	c.Helper()
	today := c.modules().Today
	return api.NewBackup{Title: c.title(), From: today.AddMonths(-24), Till: today}
}

func (c *check) key() string { return "Idempotency-Key: " + rand.Text() }

func (c *check) create(n api.NewBackup, headers ...string) reply {
	c.Helper()
	auth := c.auth()
	if !slices.ContainsFunc(headers, func(h string) bool { return strings.HasPrefix(h, "Idempotency-Key") }) {
		headers = append(headers, c.key())
	}
	return c.patiently(func() reply { return c.call("POST", "/v1/backups", n, append(headers, auth)...) })
}

func (c *check) get(id string) api.Backup {
	c.Helper()
	return into[api.Backup](c.call("GET", "/v1/backups/"+id, nil, c.auth()).want(200))
}

// until asks, held by Prefer: wait, until the backup has ended.
func (c *check) until(id string) api.Backup {
	c.Helper()
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); {
		b := into[api.Backup](c.call("GET", "/v1/backups/"+id, nil, c.auth(), "Prefer: wait=10").want(200))
		if b.Status != api.StatusPending {
			return b
		}
	}
	c.Fatal("the backup does not end")
	return api.Backup{}
}

// made makes a backup and waits until it is completed.
func (c *check) made(n api.NewBackup) api.Backup {
	c.Helper()
	return c.ready(into[api.Backup](c.create(n).want(202)).ID)
}

// ready waits until a backup is completed.
func (c *check) ready(id string) api.Backup {
	c.Helper()
	b := c.until(id)
	if b.Status != api.StatusCompleted || b.Archive == nil {
		c.Fatalf("the backup is %s: %+v", b.Status, b.Error)
	}
	return b
}

// completed is a completed backup that the rules share and leave as it is.
func (c *check) completed() api.Backup {
	c.Helper()
	if c.sample.ID == "" {
		c.sample = c.made(c.small())
	}
	return c.sample
}

// fieldErrors are those of a validation problem.
func (r reply) fieldErrors() map[string]api.FieldCode {
	r.Helper()
	got := map[string]api.FieldCode{}
	for _, e := range r.problem(422, api.CodeValidation).Errors {
		got[e.Field] = e.Code
	}
	return got
}

// day is today and n days.
func (c *check) day(n int) calendar.Day { c.Helper(); return c.modules().Today.AddDays(n) }
