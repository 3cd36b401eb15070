package server

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/manifest"
)

// walk moves the clock to t, and lets the server look at it on the way, as one
// that is always on does. It deletes nothing.
func (w *world) walk(t time.Time) {
	w.Helper()
	const step = 30 * 24 * time.Hour
	for at := w.clock.now(); at.Before(t); {
		if at = at.Add(step); at.After(t) {
			at = t
		}
		w.clock.set(at)
		if may, err := w.s.mayDelete(w.Context(), at); err != nil || !may {
			w.Fatalf("%v: may delete: %v, %v", at, may, err)
		}
	}
	w.clock.set(t)
}

func (w *world) sweepAt(t time.Time) {
	w.Helper()
	w.walk(t)
	if err := w.s.Sweep(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func TestClockOneKeepsEveryRecordForTwoYears(t *testing.T) { // S3, I10
	w := emptyWorld(t)
	org, _ := w.organisation("Clock", "Europe/Berlin", "de-DE")
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ made, kept, swept time.Time }{
		{
			time.Date(2024, 6, 17, 15, 4, 5, 0, berlin),
			time.Date(2026, 6, 17, 23, 59, 59, 0, berlin), time.Date(2026, 6, 18, 0, 0, 0, 0, berlin),
		},
		{ // made on a leap day
			time.Date(2028, 2, 29, 8, 0, 0, 0, berlin),
			time.Date(2030, 2, 28, 23, 59, 59, 0, berlin), time.Date(2030, 3, 1, 0, 0, 0, 0, berlin),
		},
		{ // due on a leap day
			time.Date(2026, 2, 28, 8, 0, 0, 0, berlin),
			time.Date(2028, 2, 29, 23, 59, 59, 0, berlin), time.Date(2028, 3, 1, 0, 0, 0, 0, berlin),
		},
	} {
		w.department(org, c.made, "x")
		w.sweepAt(c.kept)
		if w.count("SELECT COUNT(*) FROM records") != 1 {
			t.Errorf("made %v, gone at %v", c.made, c.kept)
		}
		w.sweepAt(c.swept)
		if w.count("SELECT COUNT(*) FROM records") != 0 {
			t.Errorf("made %v, still there at %v", c.made, c.swept)
		}
	}
}

func TestClockOneGoesByEachOrganisationsDay(t *testing.T) {
	w := emptyWorld(t)
	east, _ := w.organisation("East", "Pacific/Auckland", "en-NZ")
	west, _ := w.organisation("West", "America/Los_Angeles", "en-US")
	made := time.Date(2024, 6, 17, 11, 0, 0, 0, time.UTC) // the 17th in both
	w.department(east, made, "x")
	w.department(west, made, "x")
	w.sweepAt(time.Date(2026, 6, 17, 12, 30, 0, 0, time.UTC)) // already the 18th in Auckland
	if w.count("SELECT COUNT(*) FROM records WHERE org_id = ?", east) != 0 || w.count("SELECT COUNT(*) FROM records WHERE org_id = ?", west) != 1 {
		t.Error("not by the organisation's zone")
	}
}

func TestClockOneDeletesInBatches(t *testing.T) {
	w := emptyWorld(t)
	org, _ := w.organisation("Batches", "UTC", "en-GB")
	// Several at one instant.
	if _, err := w.w.Exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO records SELECT ?, 'notices', ? + i / 3, i, 0, '[]' FROM n`, 2*sweepBatch+7, org, millis(noon.AddDate(-3, 0, 0))); err != nil {
		t.Fatal(err)
	}
	w.department(org, noon, "kept")
	w.sweepAt(noon)
	if n := w.count("SELECT COUNT(*) FROM records"); n != 1 {
		t.Errorf("%d records are left", n)
	}
}

func TestAWaitingBackupGetsWhatItWasPromised(t *testing.T) {
	g := newGate(api.StageCollecting, "departments")
	w := emptyWorld(t, g.config)
	org, email := w.organisation("Midnight", "UTC", "en-GB")
	auth := w.signedIn(email)
	w.clock.set(time.Date(2026, 6, 17, 23, 59, 0, 0, time.UTC))
	w.department(org, time.Date(2024, 6, 17, 8, 0, 0, 0, time.UTC), "last chance")
	w.department(org, time.Date(2024, 6, 16, 8, 0, 0, 0, time.UTC), "too late")
	b := w.create(w.signedIn(email), api.NewBackup{
		Title: "Just in time", From: calendar.NewDay(2024, 6, 17), Till: calendar.NewDay(2026, 6, 17), Modules: []string{"notices", "departments"},
	})
	<-g.reached
	w.close()
	w.clock.set(time.Date(2026, 6, 18, 0, 1, 0, 0, time.UTC))
	w.open() // sweeps
	<-g.reached
	close(g.open)
	if got := w.ended(b.ID); got.Modules[0].Records != 1 {
		t.Errorf("got %+v", got.Modules)
	}
	w.sweepAt(w.clock.now())
	if n := w.count("SELECT COUNT(*) FROM records"); n != 0 {
		t.Errorf("%d records are left once it has ended", n)
	}
	_ = auth
}

func TestClockTwoKeepsEveryFileForTwoYears(t *testing.T) { // S16, I10
	w := emptyWorld(t)
	_, email := w.organisation("Files", "Europe/Berlin", "de-DE")
	w.walk(time.Date(2028, 2, 29, 11, 30, 0, 0, time.UTC))
	today := calendar.NewDay(2028, 2, 29)
	b := w.make(w.signedIn(email), api.NewBackup{Title: "Leap", From: today, Till: today})
	expires := time.Date(2030, 2, 28, 11, 30, 0, 0, time.UTC)
	if !b.ExpiresAt.Equal(expires) {
		t.Fatalf("expires %v, want %v", b.ExpiresAt, expires)
	}
	w.sweepAt(expires.Add(-time.Second))
	path := "/v1/backups/" + b.ID
	w.call("GET", path+"/archive", nil, w.signedIn(email)).want(200)
	w.sweepAt(expires)
	auth := w.signedIn(email)
	w.call("GET", path+"/archive", nil, auth).problem(410, api.CodeArchiveExpired)
	if got := w.get(auth, b.ID); got.Status != api.StatusExpired || got.Archive != nil || !got.DeletedAt.Equal(expires) {
		t.Errorf("got %+v", got)
	}
	if left := w.left("archives"); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if m := into[manifest.Manifest](w.call("GET", path+"/manifest", nil, auth).want(200)); m.ArchiveSHA256 != b.Archive.SHA256 {
		t.Error("an old local file can no longer be verified (B3)")
	}
}

func TestTheSweeperComesEveryHour(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, db, readers := serverIn(t, Config{Dir: dir})
		w := &world{T: t, s: s, w: db, r: readers}
		org, _ := w.organisation("Hourly", "UTC", "en-GB")
		w.department(org, time.Now().AddDate(-3, 0, 0), "old")
		time.Sleep(sweepEvery - time.Second) //nolint:forbidigo // virtual time
		synctest.Wait()
		if w.count("SELECT COUNT(*) FROM records") != 1 {
			t.Error("too early")
		}
		time.Sleep(2 * time.Second) //nolint:forbidigo // virtual time
		synctest.Wait()
		if w.count("SELECT COUNT(*) FROM records") != 0 {
			t.Error("it did not come")
		}
		for _, c := range []func() error{s.Close, readers.Close, db.Close} {
			if err := c(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestOpenSweepsWhatFellDueMeanwhile(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	b := w.make(auth, request("Forgotten"))
	records := w.count("SELECT COUNT(*) FROM records")
	sessions := w.count("SELECT COUNT(*) FROM sessions")
	w.close()
	w.clock.set(noon.AddDate(3, 0, 0))
	w.open()
	if got := w.get(w.demo(), b.ID); got.Status != api.StatusCompleted || w.count("SELECT COUNT(*) FROM records") != records {
		t.Error("a clock that is three years ahead is believed at once")
	}
	w.sweepAt(w.clock.now().Add(24 * time.Hour))
	if got := w.get(w.demo(), b.ID); got.Status != api.StatusExpired {
		t.Errorf("got %s", got.Status)
	}
	if n := w.count("SELECT COUNT(*) FROM records"); n != 0 || records == 0 {
		t.Errorf("%d of %d records are left", n, records)
	}
	if n := w.count("SELECT COUNT(*) FROM sessions"); n != 2 || sessions == 0 { // those of just now
		t.Errorf("%d sessions are left", n)
	}
	if n := w.count("SELECT COUNT(*) FROM idempotency"); n != 0 {
		t.Errorf("%d idempotency keys are left", n)
	}
	if slices.Contains(w.left("archives"), b.ID+".zip") {
		t.Error("the file is left")
	}
}

func TestWhatCannotBeSweptKeepsNothingElseUp(t *testing.T) {
	w := emptyWorld(t)
	lost, _ := w.organisation("Lost", "Atlantis/Capital", "en-GB")
	sound, email := w.organisation("Sound", "UTC", "en-GB")
	old := noon.AddDate(-3, 0, 0)
	w.department(lost, old, "x")
	w.department(sound, old, "x")
	today := calendar.DayOf(noon, time.UTC)
	stuck := w.make(w.signedIn(email), api.NewBackup{Title: "Stuck", From: today, Till: today})
	w.clock.add(time.Second)
	next := w.make(w.signedIn(email), api.NewBackup{Title: "Next", From: today, Till: today})
	// A folder that is not empty, in the place of a file, cannot be removed.
	if err := errors.Join(os.Remove(w.s.archivePath(stuck.ID)), os.MkdirAll(filepath.Join(w.s.archivePath(stuck.ID), "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	w.walk(noon.AddDate(2, 0, 1))
	if err := w.s.Sweep(t.Context()); err == nil || !strings.Contains(err.Error(), "Atlantis") || !strings.Contains(err.Error(), stuck.ID) {
		t.Errorf("it is not told: %v", err)
	}
	if n := w.count("SELECT COUNT(*) FROM records WHERE org_id = ?", sound); n != 0 {
		t.Errorf("%d records of the other organisation are left", n)
	}
	if slices.Contains(w.left("archives"), next.ID+".zip") {
		t.Error("the next archive is left")
	}
	w.close()
	w.open() // nor does it keep the server from starting
}

// stuck puts a folder that is not empty, which cannot be removed, in the place
// of an archive; undo puts the archive back.
func (w *world) stuck(id string) (undo func()) {
	w.Helper()
	path, aside := w.s.archivePath(id), filepath.Join(w.TempDir(), id)
	if err := errors.Join(os.Rename(path, aside), os.MkdirAll(filepath.Join(path, "x"), 0o700)); err != nil {
		w.Fatal(err)
	}
	return func() {
		w.Helper()
		if err := errors.Join(os.RemoveAll(path), os.Rename(aside, path)); err != nil {
			w.Fatal(err)
		}
	}
}

func TestAFileThatCouldNotBeRemovedGoesLater(t *testing.T) {
	for name, later := range map[string]func(w *world, path, auth string){
		"a second DELETE":  func(w *world, path, auth string) { w.call("DELETE", path, nil, auth).want(204) },
		"the hourly sweep": func(w *world, _, _ string) { w.sweepAt(w.clock.now().Add(time.Hour)) },
	} {
		for _, expired := range []bool{false, true} {
			w := newWorld(t)
			w.may(api.PermissionCreate, api.PermissionDownload, api.PermissionDelete)
			auth := w.demo()
			b := w.make(auth, request("Private"))
			kept := w.make(auth, request("Kept"))
			undo := w.stuck(b.ID)
			path := "/v1/backups/" + b.ID
			if expired {
				if err := w.s.dropArchive(t.Context(), b.ID, "expired", noon); err == nil {
					t.Error("that it could not be removed is not told")
				}
			} else {
				w.call("DELETE", path, nil, auth).problem(500, api.CodeInternal)
				w.call("DELETE", path, nil, auth).problem(500, api.CodeInternal)
			}
			undo()
			later(w, path, auth)
			left := w.left("archives")
			if slices.Contains(left, b.ID+".zip") || !slices.Contains(left, kept.ID+".zip") {
				t.Errorf("%s, expired %v: left %v", name, expired, left)
			}
			w.close()
		}
	}
}

// may gives the demo's people these permissions.
func (w *world) may(permissions ...string) {
	w.Helper()
	j, err := json.Marshal(permissions)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := w.w.Exec("UPDATE users SET permissions = ?", string(j)); err != nil {
		w.Fatal(err)
	}
}

// Between the rename and its row a file has no completed backup yet.
func TestTheSweepLeavesWhatIsBeingMadeAndPublished(t *testing.T) {
	for _, cancelled := range []bool{false, true} {
		w := newWorld(t)
		published, swept := make(chan struct{}), make(chan struct{})
		w.s.rename = func(from, to string) error {
			err := os.Rename(from, to)
			close(published)
			<-swept
			return err
		}
		auth := w.demo()
		b := w.create(auth, request("Just now"))
		<-published
		if cancelled { // by a process that does not wait for the job
			if _, err := w.w.Exec("UPDATE backups SET status = 'cancelled' WHERE public_id = ?", b.ID); err != nil {
				t.Fatal(err)
			}
		}
		w.sweepAt(noon.Add(time.Hour))
		_, making := os.Stat(filepath.Join(w.s.tmp(), b.ID))
		_, zip := os.Stat(w.s.archivePath(b.ID))
		if there := making == nil && zip == nil; there == cancelled {
			t.Errorf("cancelled %v: the sweep left it: %v", cancelled, there)
		}
		close(swept)
		got := w.ended(b.ID)
		if want := map[bool]api.Status{false: api.StatusCompleted, true: api.StatusCancelled}[cancelled]; got.Status != want {
			t.Errorf("got %s, want %s", got.Status, want)
		}
		if !cancelled {
			w.call("GET", "/v1/backups/"+b.ID+"/archive", nil, w.demo()).want(200)
		}
		if left := w.untidied(); len(left) > 0 {
			t.Errorf("left %v", left)
		}
		w.close()
	}
}

func TestTheSweepLeavesFilesOfNoKnownBackup(t *testing.T) {
	w := newWorld(t)
	path := w.s.archivePath("bkp_of_a_newer_copy")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Mkdir(filepath.Join(w.s.tmp(), "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	w.sweepAt(noon.Add(time.Hour))
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	if strings.Contains(w.log.String(), "no known backup") {
		t.Error("told every hour")
	}
}
