package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectbackup/api"
)

// listener reads a stream of events as a client would.
type listener struct {
	*testing.T
	resp   *http.Response
	lines  *bufio.Scanner
	lastID string
	cancel context.CancelFunc
}

// listen opens a stream; it ends with the test, or with end.
func (w *world) listen(auth, last string) *listener {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
	req, err := http.NewRequestWithContext(ctx, "GET", w.http.URL+"/v1/events", nil)
	if err != nil {
		w.Fatal(err)
	}
	name, value, _ := strings.Cut(auth, ": ")
	req.Header.Set(name, value)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultTransport.RoundTrip(req) //nolint:bodyclose // end closes it
	if err != nil {
		w.Fatal(err)
	}
	l := &listener{w.T, resp, bufio.NewScanner(resp.Body), "", cancel}
	w.Cleanup(l.end)
	return l
}

func (l *listener) end() {
	l.cancel()
	_ = l.resp.Body.Close()
}

// block reads up to the next empty line; false at the end of the stream.
func (l *listener) block() (name string, data []byte, ok bool) {
	for l.lines.Scan() {
		field, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch field {
		case "":
			if l.lines.Text() == "" {
				return name, data, true
			}
		case "id":
			l.lastID = value
		case "event":
			name = value
		case "data":
			data = []byte(value)
		}
	}
	return "", nil, false
}

// next is the next event; the test fails when the stream ends before.
func (l *listener) next() api.Event {
	l.Helper()
	for {
		name, data, ok := l.block()
		if !ok {
			l.Fatalf("the stream ended: %v", l.lines.Err())
		}
		if name == "" {
			continue
		}
		var e api.Event
		if err := json.Unmarshal(data, &e); err != nil || string(e.Type) != name {
			l.Fatalf("%s: %v: %s", name, err, data)
		}
		e.ID = l.lastID
		return e
	}
}

// counted is the next event but progress.
func (l *listener) counted() api.Event {
	l.Helper()
	for {
		if e := l.next(); e.Type != api.EventProgress {
			return e
		}
	}
}

func TestEventsTellABackupsLife(t *testing.T) {
	g := newGate(api.StagePacking, "")
	w := newWorld(t, g.config)
	auth := w.demo()
	l := w.listen(auth, "")
	if h := l.resp.Header; l.resp.StatusCode != 200 || h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-store" || h.Get("X-Request-Id") == "" {
		t.Fatalf("%d %v", l.resp.StatusCode, h)
	}
	if _, _, ok := l.block(); !ok || l.lastID == "" {
		t.Fatal("a stream begins with the place to go on from")
	}
	start := l.lastID
	b := w.create(auth, request("Told"))
	if e := l.next(); e.Type != api.EventCreated || e.BackupID != b.ID || e.Backup == nil || e.Backup.Title != "Told" {
		t.Fatalf("got %+v", e)
	}
	<-g.reached
	id := l.lastID
	for {
		e := l.next()
		if e.Type != api.EventProgress || e.BackupID != b.ID || e.Backup.Progress == nil || e.ID != id {
			t.Fatalf("got %+v", e)
		}
		if e.Backup.Stage == api.StagePacking {
			break
		}
	}
	close(g.open)
	ready := l.counted()
	if ready.Type != api.EventReady || ready.Backup.Status != api.StatusCompleted || ready.Backup.Archive == nil {
		t.Fatalf("got %+v", ready)
	}
	tag := w.call("GET", "/v1/backups/"+b.ID, nil, auth).header.Get("ETag")
	w.call("PATCH", "/v1/backups/"+b.ID, api.TitleChange{Title: "Renamed"}, auth, "If-Match: "+tag).want(200)
	w.call("POST", "/v1/backups/"+b.ID+"/downloads", api.NewDownload{Event: api.DownloadCompleted, SHA256: ready.Backup.Archive.SHA256, At: noon}, auth).want(201)
	w.call("DELETE", "/v1/backups/"+b.ID, nil, auth).want(204)
	if e := l.counted(); e.Type != api.EventRenamed || e.Backup.Title != "Renamed" {
		t.Errorf("got %+v", e)
	}
	if e := l.counted(); e.Type != api.EventDownload || e.Download == nil || e.Download.Event != api.DownloadCompleted || e.Backup.Downloads.Count != 1 {
		t.Errorf("got %+v", e)
	}
	if e := l.counted(); e.Type != api.EventDeleted || e.Backup.Status != api.StatusDeleted {
		t.Errorf("got %+v", e)
	}
	if _, err := w.w.Exec("UPDATE modules SET subscribed = 1 WHERE key = 'visitors'"); err != nil {
		t.Fatal(err)
	}
	w.s.changes.tell()
	if e := l.counted(); e.Type != api.EventModules || e.Backup != nil {
		t.Errorf("got %+v", e)
	}
	// Whoever was away hears all of it, in order, with the same numbers.
	again := w.listen(auth, start)
	var kinds []api.EventType
	last, err := strconv.Atoi(start)
	if err != nil {
		t.Fatal(err)
	}
	for len(kinds) < 6 {
		e := again.next()
		id, err := strconv.Atoi(e.ID)
		if err != nil || id != last+1 {
			t.Errorf("%s after %d", e.ID, last)
		}
		last = id
		kinds = append(kinds, e.Type)
	}
	if want := []api.EventType{api.EventCreated, api.EventReady, api.EventRenamed, api.EventDownload, api.EventDeleted, api.EventModules}; !slices.Equal(kinds, want) {
		t.Errorf("got %q", kinds)
	}
}

func TestEventsAreTheOrganisationsOwn(t *testing.T) { // I12
	w := newWorld(t)
	_, email := w.organisation("Other", "UTC", "en-GB")
	theirs := w.signedIn(email)
	l := w.listen(theirs, "0")
	w.make(w.demo(), request("Ours"))
	b := w.create(theirs, request("Theirs"))
	if e := l.next(); e.BackupID != b.ID || e.ID != "1" {
		t.Errorf("got %+v", e)
	}
}

func TestWhoMissedTooMuchStartsAnew(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	w.close()
	w.open() // events outlive the server
	newest := w.count("SELECT MAX(id) FROM events")
	if newest < 10 {
		t.Fatalf("%d events of the demo's past", newest)
	}
	if e := w.listen(auth, "0").next(); e.Type != api.EventCreated || e.ID != "1" {
		t.Errorf("all is still there, but got %+v", e)
	}
	if _, err := w.w.Exec("DELETE FROM events WHERE id < 5"); err != nil {
		t.Fatal(err)
	}
	for _, last := range []string{"3", "0", "-1", strconv.Itoa(newest + 1), "x", "99999999999999999999"} {
		l := w.listen(auth, last)
		if e := l.next(); e.Type != api.EventReset || e.ID != strconv.Itoa(newest) || e.Backup != nil {
			t.Errorf("%s: got %+v", last, e)
		}
		l.end()
	}
	if e := w.listen(auth, "4").next(); e.ID != "5" {
		t.Errorf("got %+v", e)
	}
	// No more than 1000 are kept.
	if _, err := w.w.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
		INSERT INTO downloads (public_id, backup_id, user_id, device_id, device_name, device_platform, event, file_name, bytes, sha256, at, recorded_at)
		SELECT 'dwn_' || i, 1, 1, 'd', 'd', 'd', 'removed', '', 0, '', i, i FROM n UNION ALL
		SELECT 'dwm_' || i, 1, 1, 'e', 'd', 'd', 'removed', '', 0, '', i, i FROM n`); err != nil {
		t.Fatal(err)
	}
	if n, top := w.count("SELECT COUNT(*) FROM events"), w.count("SELECT MAX(id) FROM events"); n != 1000 || top != newest+1200 {
		t.Errorf("%d events up to %d", n, top)
	}
	// Who falls behind while listening is told, too.
	st := &stream{
		s: w.s, who: &identity{orgID: 1, userID: 1}, ctx: t.Context(), last: int64(newest), shown: map[string]string{},
	}
	rec := httptest.NewRecorder()
	st.w, st.rc = rec, http.NewResponseController(rec)
	if err := st.sendEvents(); err != nil || !strings.Contains(rec.Body.String(), "event: reset\n") || st.last != int64(newest+1200) {
		t.Errorf("%v: %s", err, rec.Body)
	}
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	l := w.listen(auth, "")
	if _, _, ok := l.block(); !ok {
		t.Fatal("no stream")
	}
	w.call("DELETE", "/v1/session", nil, auth).want(204)
	w.create(w.demo(), request("Not for those who left"))
	for {
		name, _, ok := l.block()
		if !ok {
			break
		}
		if name == string(api.EventReady) {
			t.Fatal("it goes on")
		}
	}
	w.call("GET", "/v1/events", nil, auth).problem(401, api.CodeSessionExpired)
}

func TestStreamsAreLimitedByUser(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	var open []*listener
	for range streamsMax {
		l := w.listen(auth, "")
		if _, _, ok := l.block(); !ok {
			t.Fatal("no stream")
		}
		open = append(open, l)
	}
	w.call("GET", "/v1/events", nil, auth).problem(429, api.CodeRateLimited)
	w.listen(w.signedIn("maria@acme.example"), "").block()
	w.call("HEAD", "/v1/events", nil, w.signedIn("maria@acme.example")).want(200)
	for _, l := range open {
		l.end()
	}
	for deadline := time.Now().Add(10 * time.Second); ; { // places become free as soon as the server notices
		l := w.listen(auth, "")
		if l.resp.StatusCode == http.StatusOK {
			break
		}
		if l.end(); time.Now().After(deadline) {
			t.Fatal("a stream that has ended still counts")
		}
	}
}

// flushRecorder keeps what is sent, and when.
type flushRecorder struct {
	mu    sync.Mutex
	begun time.Time
	sent  []string
	h     http.Header
}

func (f *flushRecorder) Header() http.Header { return f.h }
func (f *flushRecorder) WriteHeader(int)     {}
func (f *flushRecorder) Flush()              {}
func (f *flushRecorder) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, fmt.Sprintf("%v %s", time.Since(f.begun), b))
	return len(b), nil
}

func TestAQuietStreamBeats(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, db, readers := serverIn(t, Config{Dir: dir})
		w := &world{T: t, dir: dir, s: s, w: db, r: readers}
		_, email := w.organisation("Quiet", "UTC", "en-GB")
		r := httptest.NewRequest("POST", "/v1/session", strings.NewReader(`{"email":"`+email+`","password":"`+demoPassword+`","device":{"id":"d","name":"d","platform":"","app_version":""}}`))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, r)
		auth := into[api.Session](reply{t, rec.Code, rec.Header(), rec.Body.Bytes()}.want(201)).AccessToken
		out := &flushRecorder{begun: time.Now(), h: http.Header{}}
		ended := make(chan time.Duration, 1)
		go func() {
			r := httptest.NewRequest("GET", "/v1/events", nil)
			r.Header.Set("Authorization", "Bearer "+auth)
			s.Handler().ServeHTTP(out, r)
			ended <- time.Since(out.begun)
		}()
		timer := time.NewTimer(50 * time.Second)
		<-timer.C
		out.mu.Lock()
		want := []string{"0s retry: 3000\nid: 0\n\n", "20s : heartbeat\n\n", "40s : heartbeat\n\n"}
		if !slices.Equal(out.sent, want) {
			t.Errorf("got %q", out.sent)
		}
		out.mu.Unlock()
		// The access token ends after an hour, and the stream with the beat after.
		if at := <-ended; at != accessLife {
			t.Errorf("ended after %v", at)
		}
		for _, err := range []error{s.Close(), readers.Close(), db.Close()} {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestProgressIsToldOnceASecond(t *testing.T) {
	w := newWorld(t)
	_, who := w.signedInOn("phone")
	b := w.create("Authorization: Bearer "+who.AccessToken, request("Slow"))
	w.ended(b.ID)
	if _, err := w.w.Exec("UPDATE backups SET status = 'pending' WHERE public_id = ?", b.ID); err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	st := &stream{s: w.s, who: &identity{orgID: 1, userID: 1}, ctx: t.Context(), w: rec, rc: http.NewResponseController(rec), shown: map[string]string{}}
	p := &progress{}
	for i, want := range []bool{true, false, true} {
		if i != 1 {
			p.set(func(p *progress) { p.stage, p.shown.Percent = api.StagePacking, 10*i })
		}
		if sent, err := st.sendProgress(map[string]*progress{b.ID: p}); sent != want || err != nil {
			t.Errorf("%d: sent %v, %v", i, sent, err)
		}
	}
	if strings.Contains(rec.Body.String(), "id:") || strings.Count(rec.Body.String(), "event: backup.progress\n") != 2 {
		t.Errorf("got %s", rec.Body)
	}
}

func TestAServerThatClosesLetsGoOfStreams(t *testing.T) {
	w := newWorld(t)
	l := w.listen(w.demo(), "")
	if _, _, ok := l.block(); !ok {
		t.Fatal("no stream")
	}
	if err := w.s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := l.block(); ok {
		t.Error("it goes on")
	}
}
