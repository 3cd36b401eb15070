package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"connectbackup/api"
)

// connect signs the app's own client in to the server.
func (w *world) connect(device string) *api.Client {
	w.Helper()
	c, err := api.New(api.Options{BaseURL: w.http.URL, Sleep: func(ctx context.Context, d time.Duration) error {
		timer := time.NewTimer(d / 50) // nobody watches
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}})
	if err != nil {
		w.Fatal(err)
	}
	in := signInAs("demo@acme.example")
	in.Device.ID = device
	if _, err := c.SignIn(w.Context(), in); err != nil {
		w.Fatal(err)
	}
	return c
}

func TestTheClientManagesDevicesAndTokens(t *testing.T) {
	w := newWorld(t)
	phone, desk := w.connect("phone"), w.connect("desk")
	if d, err := desk.RenameDevice(t.Context(), "phone", "Anna’s phone"); err != nil || d.Name != "Anna’s phone" || d.Current {
		t.Errorf("%+v, %v", d, err)
	}
	made, err := desk.CreateCommandToken(t.Context(), api.NewCommandToken{Name: "Nightly", Scopes: []string{api.PermissionCreate}})
	if err != nil {
		t.Fatal(err)
	}
	store := &oneToken{api.Tokens{Access: made.Token}}
	command, err := api.New(api.Options{BaseURL: w.http.URL, Tokens: store})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := command.Session(t.Context()); err != nil || !s.User.Can(api.PermissionCreate) || s.User.Can(api.PermissionDelete) {
		t.Errorf("%+v, %v", s, err)
	}
	if list, err := desk.CommandTokens(t.Context()); err != nil || len(list) != 1 || list[0].ID != made.ID || list[0].UsedAt == nil {
		t.Errorf("%+v, %v", list, err)
	}
	if err := desk.RevokeCommandToken(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	if _, err := command.Session(t.Context()); !errors.Is(err, api.ErrSignedOut) || store.held.Access != "" {
		t.Errorf("a token that was revoked: %v", err)
	}
	if err := desk.RemoveDevice(t.Context(), "phone"); err != nil {
		t.Error(err)
	}
	if _, err := phone.Session(t.Context()); !errors.Is(err, api.ErrSignedOut) {
		t.Errorf("a device that was removed: %v", err)
	}
	if list, err := desk.Devices(t.Context()); err != nil || len(list) != 1 || list[0].ID != "desk" {
		t.Errorf("%+v, %v", list, err)
	}
}

// oneToken is a store with a command token in it.
type oneToken struct{ held api.Tokens }

func (o *oneToken) Load() (api.Tokens, error) {
	if o.held.Access == "" {
		return api.Tokens{}, api.ErrSignedOut
	}
	return o.held, nil
}
func (o *oneToken) Save(t api.Tokens) error { o.held = t; return nil }
func (o *oneToken) Clear() error            { return o.Save(api.Tokens{}) }

func TestTheClientPlansChangesAndReports(t *testing.T) {
	w := newWorld(t)
	c := w.connect("desk")
	n := request("Planned")
	e, err := c.Estimate(t.Context(), api.EstimateRequest{From: n.From, Till: n.Till, Modules: n.Modules})
	if err != nil || len(e.Modules) != 3 || e.Records == 0 {
		t.Fatalf("%+v, %v", e, err)
	}
	b, err := c.CreateBackup(t.Context(), "key", n)
	if err != nil {
		t.Fatal(err)
	}
	w.ended(b.ID)
	if b, err = c.Backup(t.Context(), b.ID); err != nil || b.Archive == nil {
		t.Fatalf("%+v, %v", b, err)
	}
	if b, err = c.SetTitle(t.Context(), b, "Renamed"); err != nil || b.Title != "Renamed" {
		t.Errorf("%+v, %v", b, err)
	}
	stale := b
	stale.Title = "Planned"
	if _, err := c.SetTitle(t.Context(), stale, "Late"); !api.IsCode(err, api.CodePreconditionFailed) {
		t.Errorf("a title that was not seen: %v", err)
	}
	report := api.NewDownload{Event: api.DownloadCompleted, FileName: "x.zip", Bytes: b.Archive.Size, SHA256: b.Archive.SHA256, At: noon.Add(time.Nanosecond)}
	first, err := c.RecordDownload(t.Context(), b.ID, report)
	if err != nil || first.Device.ID != "desk" {
		t.Errorf("%+v, %v", first, err)
	}
	if again, err := c.RecordDownload(t.Context(), b.ID, report); err != nil || again != first {
		t.Errorf("%+v, %v", again, err)
	}
	if list, err := c.Downloads(t.Context(), b.ID); err != nil || len(list) != 1 || list[0] != first {
		t.Errorf("%+v, %v", list, err)
	}
	page, err := c.ListBackups(t.Context(), api.ListQuery{Module: "visitors", Covers: n.From, Status: api.StatusCompleted})
	if err != nil || len(page.Items) != 1 || page.Items[0].Downloads.Count != 1 || page.Items[0].Title != "Renamed" {
		t.Errorf("%+v, %v", page, err)
	}
	if r, err := c.Retention(t.Context()); err != nil || r.Today != n.Till || r.Suggestion == nil {
		t.Errorf("%+v, %v", r, err)
	}
	if err := c.DeleteBackup(t.Context(), b.ID); err != nil {
		t.Error(err)
	}
	if b, err = c.Backup(t.Context(), b.ID); err != nil || b.Status != api.StatusDeleted {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestTheClientListensOverARestart(t *testing.T) {
	w := newWorld(t)
	c := w.connect("desk")
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	events, connected := make(chan api.Event, 100), make(chan bool, 100)
	listened := make(chan error, 1)
	go func() {
		listened <- c.Listen(ctx, api.Listener{Event: func(e api.Event) { events <- e }, Connected: func(on bool) { connected <- on }})
	}()
	if !<-connected {
		t.Fatal("not connected")
	}
	address := w.http.Listener.Addr().String()
	b := w.create(w.demo(), request("Heard"))
	var kinds []api.EventType
	hear := func(last api.EventType) {
		for {
			select {
			case e := <-events:
				if e.Type != api.EventProgress && e.BackupID == b.ID {
					kinds = append(kinds, e.Type)
				}
				if e.Type == last && e.BackupID == b.ID {
					return
				}
			case <-ctx.Done():
				t.Fatalf("heard %q only", kinds)
			}
		}
	}
	hear(api.EventReady)
	// While the server is away its data changes; afterwards it stands at the
	// same address again.
	if err := w.s.Close(); err != nil { // lets go of the stream
		t.Fatal(err)
	}
	w.close()
	if <-connected {
		t.Error("it is said to be connected")
	}
	w.openAt(address)
	w.call("DELETE", "/v1/backups/"+b.ID, nil, w.demo()).want(204)
	hear(api.EventDeleted)
	if want := []api.EventType{api.EventCreated, api.EventReady, api.EventDeleted}; !slices.Equal(kinds, want) {
		t.Errorf("heard %q", kinds)
	}
	cancel()
	if err := <-listened; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestAnHTTPServerThatShutsDownDoesNotWaitForListeners: those who are held or
// listen would otherwise keep a server from ending.
func TestAnHTTPServerThatShutsDownDoesNotWaitForListeners(t *testing.T) {
	g, w, auth, b := heldBackup(t)
	l := w.listen(auth, "")
	if _, _, ok := l.block(); !ok {
		t.Fatal("no stream")
	}
	w.shutDownUnder(auth, b, func() {})
	for ok := true; ok; {
		_, _, ok = l.block()
	}
	close(g.open)
	w.ended(b.ID)
}

// A request that came before the HTTP server began to shut down, and asks to
// wait after that, is answered at once.
func TestARequestThatComesLateIsNotHeldByAServerThatShutsDown(t *testing.T) {
	g, w, auth, b := heldBackup(t)
	down := make(chan struct{})
	w.http.Config.RegisterOnShutdown(func() { close(down) })
	w.shutDownUnder(auth, b, func() { <-down })
	close(g.open)
	w.ended(b.ID)
}

// heldBackup is a backup whose job waits at a gate.
func heldBackup(t *testing.T) (g *gate, w *world, auth string, b api.Backup) {
	t.Helper()
	g = newGate(api.StageCollecting, "departments")
	w = newWorld(t, g.config)
	auth = w.demo()
	b = w.create(auth, request("Held"))
	<-g.reached
	return g, w, auth, b
}

// shutDownUnder shuts the HTTP server down under a request that asks to be held
// until b changes, and that goes on to ours after before. It is answered at once.
func (w *world) shutDownUnder(auth string, b api.Backup, before func()) {
	w.Helper()
	tag := w.call("GET", "/v1/backups/"+b.ID, nil, auth).header.Get("ETag")
	arrived := make(chan struct{})
	inner := w.http.Config.Handler
	w.http.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Prefer") != "" {
			close(arrived)
			before()
		}
		inner.ServeHTTP(rw, r)
	})
	held := make(chan reply, 1)
	go func() {
		held <- w.call("GET", "/v1/backups/"+b.ID, nil, auth, "Prefer: wait=25", "If-None-Match: "+tag)
	}()
	<-arrived
	ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
	defer cancel()
	if err := w.http.Config.Shutdown(ctx); err != nil {
		w.Errorf("Shutdown had to wait: %v", err)
	}
	(<-held).want(304)
}
