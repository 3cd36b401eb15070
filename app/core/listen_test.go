package core

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectbackup/api"
)

const events = "GET /v1/events"

// refuseEvents answers the stream with that status.
func refuseEvents(status int) func(*http.Request) int {
	return func(r *http.Request) int {
		if r.URL.Path == "/v1/events" {
			return status
		}
		return 0
	}
}

// live waits until events are heard, and nothing is left to ask for.
func live(t *testing.T, c *Core) {
	t.Helper()
	soon(t, "that events are heard", func() bool {
		c.backups.mu.Lock()
		defer c.backups.mu.Unlock()
		return c.backups.live && !c.backups.todo.any()
	})
}

// soon looks again and again until something is so of which nobody tells.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	deadline := time.After(time.Minute)
	for !so() {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("it did not come about within a minute %s", what)
		}
	}
}

// While events are heard, nobody asks: what a colleague does appears by itself.
func TestWhatHappensElsewhereAppearsByItself(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	g := newGate()
	s := w.behind(g.before)
	c, elsewhere := w.start(), other.start()
	signInAt(t, c, s.URL)
	live(t, c)
	signInAt(t, elsewhere, s.URL)
	changes := make(chan api.Backup, 1000)
	defer c.Backups().Subscribe(func(x api.Backup) { changes <- x })()
	b := completed(t, elsewhere)
	saw := func(what string, ready func(api.Backup) bool) {
		t.Helper()
		x := until(t, changes, func(x api.Backup) bool { return x.ID == b.ID && ready(x) })
		if kept, ok := c.Backups().CachedBackup(b.ID); !ok || !ready(kept.Value) {
			t.Errorf("%s: the offline copy says %+v of %+v", what, kept.Value, x)
		}
	}
	saw("ready", func(x api.Backup) bool { return x.Status == api.StatusCompleted })
	if page, ok := c.Backups().Cached(api.ListQuery{}); !ok || !slices.ContainsFunc(page.Value.Items, func(x api.Backup) bool { return x.ID == b.ID }) {
		t.Errorf("the list does not show it: %v", ok)
	}
	if _, err := elsewhere.Backups().Rename(t.Context(), b, "Another name"); err != nil {
		t.Fatal(err)
	}
	saw("renamed", func(x api.Backup) bool { return x.Title == "Another name" })
	fetched(t, elsewhere, b, 0)
	saw("downloaded", func(x api.Backup) bool { return x.Downloads.Count == 1 })
	if err := elsewhere.Downloads().Remove(b); err != nil {
		t.Fatal(err)
	}
	saw("removed there", func(x api.Backup) bool { return x.Downloads.Count == 1 }) // only the holders have changed
	if _, err := elsewhere.Backups().Delete(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	saw("deleted", func(x api.Backup) bool { return x.Status == api.StatusDeleted })
	if n := g.count("GET /v1/backups/" + b.ID); n > 4 { // elsewhere asks too, for Rename and Delete
		t.Errorf("it was asked for %d times although events told of it", n)
	}
}

// Where there are no events, pending backups are asked for; when the stream
// is to be had after all, no longer.
func TestWithoutEventsPendingBackupsAreAskedFor(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	g.refusing(refuseEvents(http.StatusNotFound))
	s := w.behind(g.before)
	w.change = func(o *Options) { o.ListenAgain = 20 * time.Millisecond }
	c := w.start()
	signInAt(t, c, s.URL)
	b := completed(t, c) // turned green by asking
	if g.count("GET /v1/backups/"+b.ID) == 0 {
		t.Error("nobody asked for it")
	}
	if g.count(events) == 0 {
		t.Error("events were not even tried")
	}
	g.refusing(nil)
	live(t, c)
}

// A stream that breaks: meanwhile the app asks, and afterwards it hears what it
// missed.
func TestABrokenStreamLosesNothing(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	g := newGate()
	var down atomic.Bool
	s := w.behind(g.before)
	c, elsewhere := w.start(), other.start()
	signInAt(t, c, s.URL)
	live(t, c)
	b := completed(t, c)
	g.refusing(func(r *http.Request) int {
		if down.Load() && r.URL.Path == "/v1/events" {
			return http.StatusServiceUnavailable
		}
		return 0
	})
	down.Store(true)
	changes := make(chan api.Backup, 1000)
	defer c.Backups().Subscribe(func(x api.Backup) { changes <- x })()
	s.CloseClientConnections()
	until(t, g.heard, func(call string) bool { return call == events })
	signInAt(t, elsewhere, s.URL)
	if _, err := elsewhere.Backups().Rename(t.Context(), b, "While nobody heard"); err != nil {
		t.Fatal(err)
	}
	down.Store(false)
	until(t, changes, func(x api.Backup) bool { return x.ID == b.ID && x.Title == "While nobody heard" })
}

// The server no longer knows what came before: everything is read anew, once.
func TestAfterAResetEverythingIsReadAnew(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	g := newGate()
	s := w.behind(g.before)
	c, elsewhere := w.start(), other.start()
	signInAt(t, c, s.URL)
	live(t, c)
	before := g.count("GET /v1/backups")
	signInAt(t, elsewhere, s.URL)
	b := completed(t, elsewhere)
	until(t, g.heard, func(string) bool { return true })
	heard, modules := make(chan api.Backup, 1000), make(chan api.ModuleList, 9)
	defer c.Backups().Subscribe(func(x api.Backup) { heard <- x })()
	defer c.Backups().SubscribeModules(func(l api.ModuleList) { modules <- l })()
	// It is not known here yet, or no longer.
	if err := c.current().store.Forget(); err != nil {
		t.Fatal(err)
	}
	for range 50 { // a server that says so again and again is asked no more often for that
		c.backups.hear(c.current(), api.Event{Type: api.EventReset})
	}
	until(t, heard, func(x api.Backup) bool { return x.ID == b.ID })
	if l := until(t, modules, func(api.ModuleList) bool { return true }); l.Today.IsZero() {
		t.Errorf("modules %+v", l)
	}
	live(t, c)
	if n := g.count("GET /v1/backups") - before; n > 20 {
		t.Errorf("the list was asked for %d times", n)
	}
}

// An event that was on its way while a reply said more changes nothing.
func TestABackupIsNeverPendingAgain(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	stale := b
	stale.Status, stale.Archive = api.StatusPending, nil
	heard := make(chan api.Backup, 9)
	defer c.Backups().Subscribe(func(x api.Backup) { heard <- x })()
	c.backups.hear(c.current(), api.Event{Type: api.EventProgress, BackupID: b.ID, Backup: &stale})
	if kept, ok := c.Backups().CachedBackup(b.ID); !ok || kept.Value.Status != api.StatusCompleted || len(c.backups.pending()) > 0 {
		t.Errorf("it is %s again", kept.Value.Status)
	}
	if len(heard) > 0 {
		t.Errorf("somebody was told %+v", <-heard)
	}
}

// One stream a session, which ends with it.
func TestOneStreamASession(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	var open, most atomic.Int32
	s := w.behind(func(h http.Handler) http.Handler {
		return g.before(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/events" {
				if n := open.Add(1); n > most.Load() {
					most.Store(n)
				}
				defer open.Add(-1)
			}
			h.ServeHTTP(rw, r)
		}))
	})
	c := w.start()
	for range 2 {
		signInAt(t, c, s.URL)
		live(t, c)
		if err := c.Sessions().SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, g.heard, func(call string) bool { return call == events })
	}
	if most.Load() != 1 || open.Load() != 0 {
		t.Errorf("%d streams at once, %d still open", most.Load(), open.Load())
	}
}

// The stream's own errors reach the log, and no token does.
func TestWhatIsLoggedOfEvents(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	g.refusing(refuseEvents(http.StatusForbidden))
	s := w.behind(g.before)
	c := w.start()
	signInAt(t, c, s.URL)
	until(t, g.heard, func(call string) bool { return call == events })
	tokens, err := c.tokens(c.settings.get().Session).Load()
	if err != nil {
		t.Fatal(err)
	}
	soon(t, "that the log tells of it", func() bool {
		return strings.Contains(string(read(t, c.logFile.path)), "no events are to be had")
	})
	if log := string(read(t, c.logFile.path)); strings.Contains(log, tokens.Access) || strings.Contains(log, tokens.Refresh) {
		t.Errorf("the log says %s", log)
	}
}
