package api

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectbackup/api/calendar"
)

func answering(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 200, body) }
}

func TestInfo(t *testing.T) {
	s := serve(t, answering(`{"api":"v1","server":"Connect 9","auth":["password"],"limits":{"title_max":80},"password_reset_url":"https://x/r","later":[1]}`))
	c, _ := client(t, s, &store{})
	info, err := c.Info(t.Context())
	if err != nil || info.Server != "Connect 9" || info.Limits.TitleMax != 80 || info.PasswordResetURL != "https://x/r" {
		t.Errorf("%+v, %v", info, err)
	}
	if s.header(0, "Authorization") != "" || s.header(0, "User-Agent") != "connect-backup" {
		t.Errorf("asked with %v", s.asked[0].Header)
	}
}

func TestInfoBelowAPath(t *testing.T) {
	s := serve(t, infoReply)
	c, _ := client(t, s, &store{}, func(o *Options) { o.BaseURL += "/connect/"; o.UserAgent = "test/1" })
	if _, err := c.Info(t.Context()); err != nil || s.requests()[0] != "GET /connect/v1/info" || s.header(0, "User-Agent") != "test/1" {
		t.Errorf("%v, asked %v", err, s.requests())
	}
}

func TestInfoOfSomethingElse(t *testing.T) {
	c, _ := client(t, serve(t, answering(`{"api":"v2","whole":"other"}`)), &store{})
	_, err := c.Info(t.Context())
	if v := as[*VersionError](t, err); v.Server != "v2" || v.Want != "v1" {
		t.Errorf("%+v", v)
	}
	for name, answer := range map[string]http.HandlerFunc{
		"HTML":               func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!doctype html><html>") },
		"HTML called JSON":   answering("<!doctype html>"),
		"other JSON":         answering(`{"status":"ok"}`),
		"JSON of other kind": answering(`["v1"]`),
		"JSON as text": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, `{"api":"v1"}`)
		},
		"nothing": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) },
		"404":     http.NotFound,
		"401":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"304":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) },
		"teapot":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418) },
		"no such path": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"code":"not-found","status":404}`)
		},
		"JSON error": func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 400, `{"error":"bad"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, answer)
			c, _ := client(t, s, &store{})
			_, err := c.Info(t.Context())
			n := as[*NotConnectError](t, err)
			if n.URL != s.URL+"/v1/info" || len(s.requests()) != 1 {
				t.Errorf("%+v after %v", n, s.requests())
			}
		})
	}
}

func TestRepliesAreOfLimitedLength(t *testing.T) {
	bomb := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip") // 16 kB on the wire
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `{"api":"v1","server":"`)
		_, _ = z.Write(bytes.Repeat([]byte(" "), bodyMax))
		_, _ = io.WriteString(z, `"}`)
		_ = z.Close()
	}
	c, _ := client(t, serve(t, bomb), &store{})
	_, err := c.Info(t.Context())
	isA[*NotConnectError](t, err)
}

func TestListBackups(t *testing.T) {
	s := serve(t, answering(`{"items":[`+pendingBackup+`,{"id":"bkp_2","status":"quarantined"}],"next_cursor":"c2"}`))
	c, _ := client(t, s, signedIn())
	page, err := c.ListBackups(t.Context(), ListQuery{Q: "Müller & ß", Status: StatusPending, Limit: 20, Cursor: "a/b+c"})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.requests()[0]; got != "GET /v1/backups?cursor=a%2Fb%2Bc&limit=20&q=M%C3%BCller+%26+%C3%9F&status=pending" {
		t.Errorf("asked %s", got)
	}
	if got := s.header(0, "Authorization"); got != "Bearer "+oldToken {
		t.Errorf("Authorization %q", got)
	}
	if len(page.Items) != 2 || page.NextCursor != "c2" || page.Items[0].Progress.Percent != 40 || page.Items[0].Till != calendar.NewDay(2026, 3, 1) {
		t.Errorf("%+v", page)
	}
	if page.Items[1].Status != StatusOther {
		t.Errorf("a status of a later version is taken for %q", page.Items[1].Status)
	}
	if _, err := c.ListBackups(t.Context(), ListQuery{}); err != nil || s.requests()[1] != "GET /v1/backups" {
		t.Errorf("asked %v, %v", s.requests(), err)
	}
}

func TestRepliesThatAreNotWhatWasAskedFor(t *testing.T) {
	calls := map[string]func(*Client) error{
		"list":     func(c *Client) error { _, err := c.ListBackups(t.Context(), ListQuery{}); return err },
		"backup":   func(c *Client) error { _, err := c.Backup(t.Context(), "bkp_1"); return err },
		"modules":  func(c *Client) error { _, err := c.Modules(t.Context()); return err },
		"session":  func(c *Client) error { _, err := c.Session(t.Context()); return err },
		"create":   func(c *Client) error { _, err := c.CreateBackup(t.Context(), "k", NewBackup{}); return err },
		"cancel":   func(c *Client) error { _, err := c.CancelBackup(t.Context(), "bkp_1"); return err },
		"manifest": func(c *Client) error { _, err := c.Manifest(t.Context(), "bkp_1"); return err },
	}
	for name, call := range calls {
		for _, body := range []string{`{}`, `[]`, `null`, `{"items":{}}`, `{"items":[{}]}`, `{"id":7}`, `{"today":"29.2.2024"}`, ``, `{"id":"bkp_1","status":"pending","from":"x"}`} {
			c, _ := client(t, serve(t, answering(body)), signedIn())
			if err := call(c); err == nil {
				t.Errorf("%s: %q was taken for a reply", name, body)
			} else {
				isA[*NotConnectError](t, err)
			}
		}
	}
	empty, _ := client(t, serve(t, answering(`{"items":[]}`)), signedIn())
	if page, err := empty.ListBackups(t.Context(), ListQuery{}); err != nil || len(page.Items) != 0 {
		t.Errorf("an empty list: %+v, %v", page, err)
	}
}

func TestIDsLeadNowhereElse(t *testing.T) {
	s := serve(t, answering(pendingBackup))
	c, _ := client(t, s, signedIn())
	for _, id := range []string{"", ".", "..", "a/b", "../session", "a?b", "a#b", "a b", "%2e%2e", "ü", strings.Repeat("x", 200), "a\nb"} {
		_, backupErr := c.Backup(t.Context(), id)
		_, cancelErr := c.CancelBackup(t.Context(), id)
		_, manifestErr := c.Manifest(t.Context(), id)
		_, archiveErr := c.OpenArchive(t.Context(), id, 0, -1, "")
		_, awaitErr := c.AwaitBackup(t.Context(), id, Backup{}, time.Second)
		for _, err := range []error{backupErr, cancelErr, manifestErr, archiveErr, awaitErr} {
			isA[*IDError](t, err)
		}
	}
	if len(s.requests()) != 0 {
		t.Errorf("asked %v", s.requests())
	}
}

func TestCreateBackup(t *testing.T) {
	var sent map[string]any
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		sendJSON(w, 202, pendingBackup)
	})
	c, _ := client(t, s, signedIn())
	b, err := c.CreateBackup(t.Context(), "key", NewBackup{Title: "Jahr", From: calendar.NewDay(2024, 2, 29), Till: calendar.NewDay(2026, 2, 28)})
	if err != nil || b.Status != StatusPending {
		t.Errorf("%+v, %v", b, err)
	}
	if want := map[string]any{"title": "Jahr", "from": "2024-02-29", "till": "2026-02-28"}; fmt.Sprint(sent) != fmt.Sprint(want) {
		t.Errorf("sent %v", sent)
	}
	if s.header(0, "Idempotency-Key") != "key" {
		t.Errorf("asked with %v", s.asked[0].Header)
	}
	if _, err := c.CreateBackup(t.Context(), "", NewBackup{}); err == nil || len(s.requests()) != 1 {
		t.Error("created without a key")
	}
}

func TestCreateProblems(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(409)
		_, _ = io.WriteString(w, `{"code":"identical-in-progress","status":200,"backup_id":"bkp_9","errors":[{"field":"title","code":"too_long"}]}`)
	})
	c, _ := client(t, s, signedIn())
	_, err := c.CreateBackup(t.Context(), "key", NewBackup{})
	p := as[*Problem](t, err)
	if p.BackupID != "bkp_9" || p.Status != 409 || p.Errors[0].Code != FieldTooLong || !IsCode(err, CodeIdenticalInProgress) {
		t.Errorf("%+v", p)
	}
	if len(s.requests()) != 1 {
		t.Errorf("asked %v", s.requests())
	}
}

func TestSessionAndModulesAndManifest(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/session":
			sendJSON(w, 200, strings.NewReplacer(`"access_token"`, `"x"`, `"refresh_token"`, `"y"`).Replace(sessionReply))
		case "/v1/modules":
			sendJSON(w, 200, `{"today":"2026-03-01","items":[{"key":"staff","name":"Staff","subscribed":true,"oldest_at":null}]}`)
		case "/v1/backups/bkp_1/manifest":
			sendJSON(w, 200, `{"schema":1,"backup_id":"bkp_1","from":"2024-03-01","till":"2026-03-01","files":[{"name":"staff.csv","module":"staff","sha256":"`+sum+`"}]}`)
		default:
			sendJSON(w, 200, `{"schema":1,"backup_id":"bkp_2","from":"2024-03-01","till":"2026-03-01","files":[{"name":"../staff.csv","module":"staff","sha256":"`+sum+`"}]}`)
		}
	})
	c, _ := client(t, s, signedIn())
	session, err := c.Session(t.Context())
	if err != nil || session.User.Name != "Anna" || session.AccessToken != "" {
		t.Errorf("%v, %v", session, err)
	}
	modules, err := c.Modules(t.Context())
	if err != nil || modules.Today.String() != "2026-03-01" || modules.Items[0].OldestAt != nil {
		t.Errorf("%+v, %v", modules, err)
	}
	m, err := c.Manifest(t.Context(), "bkp_1")
	if err != nil || m.Files[0].Name != "staff.csv" {
		t.Errorf("%+v, %v", m, err)
	}
	_, err = c.Manifest(t.Context(), "bkp_2")
	isA[*NotConnectError](t, err) // a name that leads out of the archive
}

// revisions serves one backup that can change, with an ETag.
type revisions struct {
	body atomic.Pointer[string]
	held func() // called when asked to wait for a change
}

func (v *revisions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tag := func() string { return fmt.Sprintf("%q", fmt.Sprint(len(*v.body.Load()), (*v.body.Load())[:40])) }
	if r.Header.Get("If-None-Match") == tag() && strings.HasPrefix(r.Header.Get("Prefer"), "wait=") && v.held != nil {
		v.held()
	}
	w.Header().Set("ETag", tag())
	if r.Header.Get("If-None-Match") == tag() {
		w.WriteHeader(304)
		return
	}
	sendJSON(w, 200, *v.body.Load())
}

func (v *revisions) set(body string) { v.body.Store(&body) }

func TestWhatHasNotChangedIsNotSentAgain(t *testing.T) {
	v := &revisions{}
	v.set(pendingBackup)
	s := serve(t, v.ServeHTTP)
	c, _ := client(t, s, signedIn())
	for n, want := range []Status{StatusPending, StatusPending, StatusCompleted, StatusCompleted} {
		if n == 2 {
			v.set(completedBackup)
		}
		b, err := c.Backup(t.Context(), "bkp_1")
		if err != nil || b.Status != want {
			t.Errorf("%d: %s, %v", n, b.Status, err)
		}
		if asked := s.header(n, "If-None-Match") != ""; asked != (n > 0) {
			t.Errorf("%d: If-None-Match %q", n, s.header(n, "If-None-Match"))
		}
	}
}

func TestTheMemoryOfRepliesIsBounded(t *testing.T) {
	var m seen
	_, _, era := m.get("x")
	for n := range 3 * seenMax {
		m.put(fmt.Sprint(n), seenReply{"e", []byte("body")}, era)
	}
	if len(m.replies) != seenMax || len(m.order) != seenMax || m.bytes != 4*seenMax {
		t.Errorf("%d replies, %d keys, %d bytes", len(m.replies), len(m.order), m.bytes)
	}
	if _, found, _ := m.get(fmt.Sprint(3*seenMax - 1)); !found {
		t.Error("the newest was forgotten")
	}
	for n := range 10 {
		m.put(fmt.Sprint("big", n), seenReply{"e", make([]byte, seenMaxBytes/5)}, era)
	}
	if m.bytes > seenMaxBytes {
		t.Errorf("%d bytes", m.bytes)
	}
	m.put("huge", seenReply{"e", make([]byte, seenMaxBytes)}, era)
	m.put("untagged", seenReply{"", []byte("x")}, era)
	m.forget()
	m.put("late", seenReply{"e", []byte("of the session before")}, era)
	if len(m.replies) != 0 || m.bytes != 0 {
		t.Errorf("%d replies of %d bytes after forgetting", len(m.replies), m.bytes)
	}
}

func TestAwaitBackup(t *testing.T) {
	v := &revisions{}
	v.set(pendingBackup)
	s := serve(t, v.ServeHTTP)
	c, n := client(t, s, signedIn())
	known, err := c.Backup(t.Context(), "bkp_1")
	if err != nil {
		t.Fatal(err)
	}
	v.held = func() { v.set(completedBackup) } // while the server holds its reply
	b, err := c.AwaitBackup(t.Context(), "bkp_1", known, 25*time.Second)
	if err != nil || b.Status != StatusCompleted {
		t.Errorf("%s, %v", b.Status, err)
	}
	if len(s.requests()) != 2 || s.header(1, "Prefer") != "wait=25" || s.header(1, "If-None-Match") == "" || len(n.all()) != 0 {
		t.Errorf("asked %v with %v, pauses %v", s.requests(), s.asked[1].Header, n.all())
	}
}

func TestAwaitBackupDoesNotSleepThroughAChange(t *testing.T) {
	v := &revisions{}
	v.set(completedBackup)
	s := serve(t, v.ServeHTTP)
	c, _ := client(t, s, signedIn())
	var known Backup // as the list had it a while ago
	if err := json.Unmarshal([]byte(pendingBackup), &known); err != nil {
		t.Fatal(err)
	}
	b, err := c.AwaitBackup(t.Context(), "bkp_1", known, 25*time.Second)
	if err != nil || b.Status != StatusCompleted || len(s.requests()) != 1 || s.header(0, "Prefer") != "" {
		t.Errorf("%s, %v, asked %v", b.Status, err, s.requests())
	}
}

func TestAwaitBackupOfAServerThatDoesNotWait(t *testing.T) {
	v := &revisions{}
	v.set(pendingBackup)
	s := serve(t, v.ServeHTTP)
	c, n := client(t, s, signedIn())
	known, err := c.Backup(t.Context(), "bkp_1")
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.AwaitBackup(t.Context(), "bkp_1", known, 25*time.Second)
	if err != nil || b.Status != StatusPending {
		t.Errorf("%s, %v", b.Status, err)
	}
	if got := fmt.Sprint(n.all()); got != "[2s 3s 5s 8s 7s]" {
		t.Errorf("pauses %s", got)
	}
	n.nap = func(int) error { v.set(completedBackup); return nil }
	if b, err := c.AwaitBackup(t.Context(), "bkp_1", known, 25*time.Second); err != nil || b.Status != StatusCompleted {
		t.Errorf("%s, %v", b.Status, err)
	}
}

func TestSearchRule(t *testing.T) {
	b := Backup{
		Title: "Müller & Söhne", Status: StatusCompleted, From: calendar.NewDay(2021, 7, 1), Till: calendar.NewDay(2023, 7, 1), Timezone: "Europe/Berlin",
		Modules: []BackupModule{{Name: "Invoices"}}, Archive: &Archive{FileName: "mueller_x.zip"},
		PerformedAt: time.Date(2023, 7, 1, 22, 30, 0, 0, time.UTC), // 2 July in Berlin
	}
	for q, want := range map[string]bool{
		"": true, "  ": true, "MULLER sohne": true, "voic": true, "mueller_x.zip": true, "2021-07-01": true, "1 july 2021": true,
		"2023-07-02": true, "2023-07-03": false, "muller invoices x": true, "muller tasks": false, "zipmuller": false,
	} {
		if got := (ListQuery{Q: q}).Matches(b); got != want {
			t.Errorf("%q: %v", q, got)
		}
	}
	if (ListQuery{Status: StatusFailed}).Matches(b) || !(ListQuery{Status: StatusCompleted, Q: "muller"}).Matches(b) {
		t.Error("the status does not count")
	}
	b.Timezone = "Nowhere/Land"
	if !(ListQuery{Q: "2023-07-01"}).Matches(b) {
		t.Error("an unknown zone makes a backup unfindable")
	}
}
