package core

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/device/ledger"
)

// gate stands before a server: it counts, and answers what it is told to.
type gate struct {
	mu     sync.Mutex
	calls  map[string]int // by method and path
	refuse func(*http.Request) int
	heard  chan string // every call, if somebody takes it
}

func newGate() *gate { return &gate{calls: map[string]int{}, heard: make(chan string, 1000)} }

// refusing answers those requests with the status that f says; 0 lets through.
func (g *gate) refusing(f func(*http.Request) int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refuse = f
}

func (g *gate) count(call string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls[call]
}

func (g *gate) before(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		status := 0
		if g.refuse != nil {
			status = g.refuse(r)
		}
		call := r.Method + " " + r.URL.Path
		g.calls[call]++
		g.mu.Unlock()
		if status != 0 {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"code":"` + problemCodes[status] + `","status":` + strconv.Itoa(status) + `}`))
		} else {
			h.ServeHTTP(w, r)
		}
		select {
		case g.heard <- call:
		default:
		}
	})
}

var problemCodes = map[int]string{
	http.StatusForbidden: "permission-denied", http.StatusNotFound: "not-found", http.StatusUnprocessableEntity: "validation",
	http.StatusServiceUnavailable: "maintenance", http.StatusInternalServerError: "internal",
}

func signInAt(t *testing.T, c *Core, address string) api.Account {
	t.Helper()
	a, err := c.Sessions().SignIn(t.Context(), address, seeded.email, seeded.password, false)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// recorded waits until the server knows that of the file of b, and returns all
// that it knows, the oldest first.
func recorded(t *testing.T, c *Core, b api.Backup, event api.DownloadEvent) []api.DownloadRecord {
	t.Helper()
	changes := make(chan api.Backup, 1000)
	defer c.Backups().Subscribe(func(x api.Backup) { changes <- x })()
	for {
		client, err := c.client()
		if err != nil {
			t.Fatal(err)
		}
		all, err := client.Downloads(t.Context(), b.ID)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(all, func(r api.DownloadRecord) bool { return r.Event == event }) {
			slices.Reverse(all)
			return all
		}
		until(t, changes, func(x api.Backup) bool { return x.ID == b.ID })
	}
}

// B10: what happens to a file here is told, and other devices see it.
func TestTheServerIsToldWhatHappensHere(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	s := w.server()
	c, elsewhere := w.start(), other.start()
	signInAt(t, c, s.URL)
	signInAt(t, elsewhere, s.URL)
	b, have := held(t, c)
	first := recorded(t, elsewhere, b, api.DownloadCompleted)[0]
	if first.SHA256 != have.SHA256 || first.FileName != have.Name || first.Bytes != have.Size || first.Device.ID != c.deviceID {
		t.Errorf("it was told %+v", first)
	}
	if who, err := elsewhere.Backups().Holders(t.Context(), b.ID); err != nil || len(who) != 1 || who[0].Device.ID != c.deviceID {
		t.Errorf("held by %+v, %v", who, err)
	}
	if _, err := c.Downloads().Verify(t.Context(), b, noReport); err != nil {
		t.Fatal(err)
	}
	recorded(t, elsewhere, b, api.DownloadVerified)
	if err := c.Downloads().Remove(b); err != nil {
		t.Fatal(err)
	}
	var events []api.DownloadEvent
	for _, r := range recorded(t, elsewhere, b, api.DownloadRemoved) {
		events = append(events, r.Event)
	}
	if want := []api.DownloadEvent{api.DownloadCompleted, api.DownloadVerified, api.DownloadRemoved}; !slices.Equal(events, want) {
		t.Errorf("told %v, want %v", events, want)
	}
	if who, err := elsewhere.Backups().Holders(t.Context(), b.ID); err != nil || len(who) != 0 {
		t.Errorf("after deleting, held by %+v, %v", who, err)
	}
	if err := c.Settings().SetDeviceName("Büro"); err != nil {
		t.Fatal(err)
	}
	soon(t, "that the new name of this device is known", func() bool {
		devices, err := elsewhere.Sessions().Devices(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(devices, func(d api.SignedInDevice) bool { return d.Name == "Büro" && d.ID == c.deviceID })
	})
}

// What cannot be told now waits, also over a restart, and leaves in order.
// Downloads do not notice.
func TestReportsWaitUntilTheyCanBeSent(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	s := w.behind(g.before)
	isReport := func(r *http.Request) bool {
		return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/downloads")
	}
	g.refusing(func(r *http.Request) int {
		if isReport(r) {
			return http.StatusInternalServerError
		}
		return 0
	})
	c := w.start()
	a := signInAt(t, c, s.URL)
	b, _ := held(t, c)
	if _, err := c.Downloads().Verify(t.Context(), b, noReport); err != nil {
		t.Fatal(err)
	}
	until(t, g.heard, func(call string) bool { return call == "POST /v1/backups/"+b.ID+"/downloads" })
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	g.refusing(nil)
	c = w.start()
	all := recorded(t, c, b, api.DownloadVerified)
	if len(all) != 2 || all[0].Event != api.DownloadCompleted || !all[0].At.Before(all[1].At) {
		t.Errorf("told %+v", all)
	}
	soon(t, "that nothing waits any more", func() bool {
		_, err := c.ledger.Next(ownerOf(a))
		return errors.Is(err, ledger.ErrNotFound)
	})
}

// One that the server will never take does not hold up the others.
func TestAReportThatIsRefusedForGoodIsDropped(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	s := w.behind(g.before)
	c := w.start()
	a := signInAt(t, c, s.URL)
	b := completed(t, c)
	for _, m := range []ledger.Message{
		{Kind: "of a newer version", Subject: b.ID},
		{Kind: messageDownload, Subject: b.ID, Body: "not JSON"},
		{Kind: messageDownload, Subject: "../session", Body: "{}"},
		{Kind: messageDownload, Subject: "bkp_unknown", Body: `{"event":"removed","at":"2026-01-01T00:00:00Z"}`},
		{Kind: messageDownload, Subject: b.ID, Body: `{"event":"completed","at":"2026-01-01T00:00:00Z"}`}, // which file?
	} {
		m.Owner = ownerOf(a)
		if err := c.ledger.Post(m); err != nil {
			t.Fatal(err)
		}
	}
	c.outbox.report(a, b.ID, api.DownloadRemoved, download.Info{Name: strings.Repeat("ä/", 200) + "\n.zip"}, "")
	if all := recorded(t, c, b, api.DownloadRemoved); len(all) != 1 || len(all[0].FileName) > nameMax {
		t.Errorf("told %+v", all)
	}
}

func TestWhatIsFinal(t *testing.T) {
	for status, want := range map[int]bool{
		400: true, 401: false, 403: true, 404: true, 408: false, 409: false, 410: true, 422: true, 425: false, 429: false, 500: false, 503: false,
	} {
		if got := isFinal(&api.Problem{Status: status}); got != want {
			t.Errorf("%d: %v", status, got)
		}
	}
	for err, want := range map[error]bool{
		api.ErrSignedOut: false, &api.UnreachableError{}: false, &api.NotConnectError{Status: 404}: false,
		&api.IDError{ID: "/"}: true, errMessage: true,
	} {
		if got := isFinal(err); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}

// Signing out: what is unsent is sent if that goes at once, and forgotten.
func TestSigningOutTriesOnceToTellTheRest(t *testing.T) {
	for name, status := range map[string]int{"the server answers": 0, "it does not": http.StatusServiceUnavailable} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			g := newGate()
			s := w.behind(g.before)
			var shut atomic.Bool
			shut.Store(true)
			isReport := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/downloads") }
			g.refusing(func(r *http.Request) int {
				if shut.Load() && isReport(r) {
					return http.StatusInternalServerError
				}
				if isReport(r) {
					return status
				}
				return 0
			})
			w.change = func(o *Options) { o.Resend = func(int) time.Duration { return time.Hour } }
			c := w.start()
			a := signInAt(t, c, s.URL)
			b := completed(t, c)
			c.outbox.report(a, b.ID, api.DownloadRemoved, download.Info{}, "")
			until(t, g.heard, func(call string) bool {
				return strings.HasPrefix(call, "POST") && strings.HasSuffix(call, "/downloads")
			})
			shut.Store(false)
			if err := c.Sessions().SignOut(t.Context()); err != nil {
				t.Fatal(err)
			}
			if m, err := c.ledger.Next(ownerOf(a)); !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("left behind: %+v, %v (I15)", m, err)
			}
			signInAt(t, c, s.URL)
			client, err := c.client()
			if err != nil {
				t.Fatal(err)
			}
			shut.Store(false)
			g.refusing(nil)
			all, err := client.Downloads(t.Context(), b.ID)
			if err != nil || (len(all) == 1) != (status == 0) {
				t.Errorf("the server knows %+v, %v", all, err)
			}
		})
	}
}

// A download that failed for good is told; one that waits for a sign-in is not.
func TestAFailedDownloadIsTold(t *testing.T) {
	w := newWorld(t)
	g := newGate()
	s := w.behind(g.before)
	c := w.start()
	signInAt(t, c, s.URL)
	b := completed(t, c)
	g.refusing(func(r *http.Request) int {
		if strings.HasSuffix(r.URL.Path, "/archive") {
			return http.StatusForbidden
		}
		return 0
	})
	if st := fetched(t, c, b, download.Ask); st.Phase != download.Failed {
		t.Fatalf("the download ended as %v", st.Phase)
	}
	if all := recorded(t, c, b, api.DownloadFailed); len(all) != 1 {
		t.Errorf("told %+v", all)
	}
	if n := w.told.wait(t, "Backup not downloaded"); !strings.Contains(n.Body, "not allowed") {
		t.Errorf("the person is told %+v", n)
	}
}
