package core

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"connectbackup/api"
	"connectbackup/device/download"
)

// What the icon in the tray says to all downloads at once: nothing of what is
// under way goes on, what is finished stays so, and resuming takes all that was
// paused to its end.
func TestPauseAllAndResumeAll(t *testing.T) {
	w := newWorld(t)
	var holding atomic.Bool
	asked := make(chan struct{}, 100)
	s := w.behind(func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if holding.Load() && strings.HasSuffix(r.URL.Path, "/archive") {
				asked <- struct{}{}
				<-r.Context().Done()
				return
			}
			h.ServeHTTP(rw, r)
		})
	})
	c := w.start()
	signInAt(t, c, s.URL)
	all := downloadable(t, c)[:3]
	if got := fetched(t, c, all[0], download.Ask); got.Phase != download.Done {
		t.Fatalf("the first ended as %v: %v", got.Phase, got.Err)
	}
	d := c.Downloads()
	holding.Store(true)
	for _, b := range all[1:] {
		if err := d.Start(b, download.Ask); err != nil {
			t.Fatal(err)
		}
		until(t, asked, func(struct{}) bool { return true })
	}
	if !d.Active() {
		t.Error("two are under way, and none counts")
	}
	if err := d.PauseAll(); err != nil {
		t.Fatal(err)
	}
	for _, b := range all[1:] {
		if p := d.State(b.ID).Phase; p != download.Paused {
			t.Errorf("after Pause all, %s is %q", b.Title, p)
		}
	}
	if p := d.State(all[0].ID).Phase; d.Active() || p == download.Paused {
		t.Errorf("after Pause all, one is under way: %v; the finished one is %q", d.Active(), p)
	}
	holding.Store(false)
	states := make(chan download.State, 1000)
	defer d.Subscribe(func(s download.State) { states <- s })()
	if err := d.ResumeAll(); err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{all[1].ID: true, all[2].ID: true}
	until(t, states, func(s download.State) bool {
		if s.Phase == download.Done {
			delete(left, s.ID)
		}
		return len(left) == 0
	})
	for _, b := range all {
		if held := d.Copy(b); held.State != download.CopyPresent {
			t.Errorf("in the end the device holds %v of %s", held.State, b.Title)
		}
	}
}

// Where some cannot be paused, the others are, and each reason is told. One
// that ended by itself meanwhile is none.
func TestEachGoesOnAfterAFailure(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	var ids []string
	for _, b := range downloadable(t, c)[:3] {
		fetched(t, c, b, download.Ask)
		ids = append(ids, b.ID)
	}
	broken := errors.New("the disk is gone")
	does := map[string]error{ids[0]: broken, ids[1]: download.ErrUnknown}
	did := 0
	every := func(download.Phase) bool { return true }
	err := c.Downloads().each(every, func(id string) error {
		did++
		return does[id]
	})
	if did != 3 || !errors.Is(err, broken) || errors.Is(err, download.ErrUnknown) {
		t.Errorf("%d were told, and it ended with %v", did, err)
	}
}

// downloadable are backups of the demo whose archives are on the server.
func downloadable(t *testing.T, c *Core) (all []api.Backup) {
	t.Helper()
	page, err := c.Backups().List(t.Context(), api.ListQuery{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range page.Value.Items {
		if b.Downloadable() {
			all = append(all, b)
		}
	}
	if len(all) < 3 {
		t.Fatalf("the demo has %d files", len(all))
	}
	return all
}
