package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/manifest"
)

// places are where a job can be met.
var places = []struct {
	stage  api.Stage
	module string
}{
	{api.StageCollecting, "departments"}, // the first
	{api.StageCollecting, "visitors"},    // the last: parts lie in tmp/
	{api.StagePacking, ""},
	{api.StageVerifying, ""}, // the whole zip lies in tmp/
}

func TestProgressGoesThroughTheStages(t *testing.T) {
	for i, place := range places {
		g := newGate(place.stage, place.module)
		w := newWorld(t, g.config)
		b := w.create(w.demo(), request("Watched"))
		<-g.reached
		got := w.until(b.ID, func(b api.Backup) bool { return b.Stage == place.stage && b.Progress.Module == place.module })
		p := got.Progress
		if want := []int{0, 56, 85, 93}[i]; p.Percent != want || p.ModulesTotal != 3 || p.ModulesDone != min(3, i*2) {
			t.Errorf("at %v: %+v", place, p)
		}
		if i > 0 && (p.Records == 0 || got.Modules[0].Status != api.ModuleOK || got.DataAsOf == nil) {
			t.Errorf("at %v: %+v", place, got)
		}
		close(g.open)
		if b := w.ended(b.ID); b.Progress != nil || b.Stage != "" {
			t.Errorf("an ended backup has no progress: %+v", b)
		}
	}
}

func TestAJobStartsAgainAfterClose(t *testing.T) {
	for _, place := range places {
		g := newGate(place.stage, place.module)
		w := newWorld(t, g.config)
		b := w.create(w.demo(), request("Closed"))
		for range 5 { // more often than a job is attempted: closing is no fault of it
			<-g.reached
			w.close()
			if left := w.left("tmp"); len(left) > 0 {
				t.Fatalf("%v: left %v", place, left)
			}
			w.open()
		}
		<-g.reached
		close(g.open)
		if got := w.ended(b.ID); got.Status != api.StatusCompleted {
			t.Errorf("%v: %+v", place, got)
		}
		w.close()
	}
}

// crash copies the folder as a killed process leaves it, and opens a server on
// the copy.
func (w *world) crash(change ...func(*Config)) *world {
	w.Helper()
	dir := w.TempDir()
	if err := os.CopyFS(dir, os.DirFS(w.dir)); err != nil {
		w.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "server.db-shm")); err != nil { // rebuilt, as after a power cut
		w.Fatal(err)
	}
	return openWorld(w.T, dir, change...)
}

func TestAJobStartsAgainAfterACrash(t *testing.T) {
	for _, place := range places {
		g := newGate(place.stage, place.module)
		w := newWorld(t, g.config)
		b := w.create(w.demo(), request("Crashed"))
		<-g.reached
		if len(w.left("tmp")) == 0 {
			t.Fatalf("%v: a crash here proves nothing", place)
		}
		next := w.crash()
		w.close()
		if got := next.ended(b.ID); got.Status != api.StatusCompleted || got.Completeness != api.Complete {
			t.Errorf("%v: %+v", place, got)
		}
		_, files := next.archiveOf(next.demo(), b.ID)
		checkSums(t, files)
		next.close() // waits for the job, which tidies up after it said that it ended
		if left := next.left("tmp"); len(left) > 0 {
			t.Errorf("%v: left %v", place, left)
		}
	}
}

func TestACrashBetweenRenameAndCommit(t *testing.T) {
	g := newGate(api.StageVerifying, "")
	w := newWorld(t, g.config)
	b := w.create(w.demo(), request("Renamed"))
	<-g.reached
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(w.dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "server.db-shm")); err != nil {
		t.Fatal(err)
	}
	published := filepath.Join(dir, "archives", b.ID+".zip")
	if err := os.Rename(filepath.Join(dir, "tmp", b.ID, "archive.zip"), published); err != nil {
		t.Fatal(err)
	}
	stranger := filepath.Join(dir, "archives", "bkp_OTHER.zip")
	if err := os.WriteFile(stranger, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.close()
	held := newGate(api.StageCollecting, "departments")
	next := openWorld(t, dir, held.config)
	<-held.reached
	if left := next.left("archives"); slices.Contains(left, b.ID+".zip") || !slices.Contains(left, "bkp_OTHER.zip") {
		t.Errorf("left %v: what is not promised goes, what nobody knows stays", left)
	}
	close(held.open)
	if got := next.ended(b.ID); got.Status != api.StatusCompleted {
		t.Errorf("got %+v", got)
	}
}

func TestThreeCrashesAreEnough(t *testing.T) {
	g := newGate(api.StagePacking, "")
	w := newWorld(t, g.config)
	b := w.create(w.demo(), request("Deadly"))
	for range 2 {
		<-g.reached
		next := w.crash(g.config)
		w.close()
		w = next
	}
	<-g.reached
	next := w.crash(g.config)
	w.close()
	got := next.ended(b.ID)
	if got.Status != api.StatusFailed || got.Error == nil || got.Error.Code != string(api.CodeInternal) || !strings.Contains(got.Error.Detail, "3 times") {
		t.Errorf("got %+v %+v", got, got.Error)
	}
}

func TestCancelLeavesNothing(t *testing.T) {
	for _, place := range places {
		g := newGate(place.stage, place.module)
		w := newWorld(t, g.config)
		auth := w.demo()
		before := w.left("archives")
		b := w.create(auth, request("Cancelled"))
		<-g.reached
		for range 2 { // the second time after a lost reply
			got := into[api.Backup](w.call("POST", "/v1/backups/"+b.ID+"/cancel", nil, auth).want(200))
			if got.Status != api.StatusCancelled || got.Progress != nil {
				t.Errorf("%v: %+v", place, got)
			}
		}
		if left := w.left("tmp"); len(left) > 0 {
			t.Errorf("%v: left %v", place, left)
		}
		if after := w.left("archives"); !slices.Equal(before, after) {
			t.Errorf("%v: left %v", place, after)
		}
		w.create(auth, request("Cancelled")) // a new one may follow
		<-g.reached
		w.close()
	}
}

func TestCancellingAQueuedJob(t *testing.T) {
	g := newGate(api.StageCollecting, "departments")
	w := newWorld(t, g.config, func(c *Config) { c.Workers = 1 })
	auth := w.demo()
	running, queued := w.create(auth, request("Runs")), w.create(auth, request("Queues"))
	<-g.reached
	if got := w.get(auth, queued.ID); got.Stage != api.StageQueued || got.Progress.Percent != 0 {
		t.Errorf("got %+v", got)
	}
	w.call("POST", "/v1/backups/"+queued.ID+"/cancel", nil, auth).want(200)
	close(g.open)
	w.ended(running.ID)
	w.call("POST", "/v1/backups/"+running.ID+"/cancel", nil, auth).problem(409, api.CodeNotCancellable)
	if got := w.get(auth, queued.ID); got.Status != api.StatusCancelled {
		t.Errorf("got %+v", got)
	}
}

func TestCancelAtTheVeryEndWins(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	b := w.create(auth, request("Late"))
	w.ended(b.ID)
	// The job has renamed its file when somebody cancels: what the table says
	// decides, and the file goes.
	if _, err := w.w.Exec("UPDATE backups SET status = 'cancelled' WHERE public_id = ?", b.ID); err != nil {
		t.Fatal(err)
	}
	row, err := w.s.load(t.Context(), b.ID)
	if err != nil {
		t.Fatal(err)
	}
	loose := filepath.Join(w.dir, "tmp", "loose.zip")
	if err := os.Rename(w.s.archivePath(b.ID), loose); err != nil {
		t.Fatal(err)
	}
	j := &job{s: w.s, b: row, p: &progress{}, loc: time.UTC, surroundings: surroundings{clock: w.clock.now, pace: noPace}}
	if err := j.publish(t.Context(), packed{path: loose, manifest: manifest.Manifest{}}); !errors.Is(err, errCancelled) {
		t.Errorf("got %v", err)
	}
	if slices.Contains(w.left("archives"), b.ID+".zip") {
		t.Error("the file of a cancelled backup was left")
	}
}

func TestThreeRunFurtherOnesQueue(t *testing.T) {
	g := newGate(api.StageCollecting, "departments")
	w := newWorld(t, g.config)
	auth := w.demo()
	var all []api.Backup
	for i := range 5 {
		all = append(all, w.create(auth, request(fmt.Sprint(i))))
	}
	for range 3 {
		<-g.reached
	}
	for i, b := range all {
		if got := w.get(auth, b.ID); (got.Stage == api.StageQueued) != (i >= 3) {
			t.Errorf("backup %d is %s", i, got.Stage)
		}
	}
	close(g.open)
	for _, b := range all {
		if got := w.ended(b.ID); got.Status != api.StatusCompleted {
			t.Errorf("got %+v", got)
		}
	}
}

func TestABrokenModuleIsNamed(t *testing.T) { // never silently partial
	w := emptyWorld(t)
	org, email := w.organisation("Broken", "UTC", "en-GB")
	auth := w.signedIn(email)
	w.department(org, noon.Add(-2*time.Hour), "good")
	w.department(org, noon.Add(-time.Hour), "also good")
	today := calendar.DayOf(noon, time.UTC)
	n := api.NewBackup{From: today, Till: today, Modules: []string{"departments", "invoices", "notices"}}
	invoice := []string{"1", "RE-1", "1", "c", "2026-06-01", "2026-06-15", "EUR", "1.00", "0.19", "1.19", "0", "1.19", "open"}
	for _, c := range []struct {
		name  string
		cells []string
	}{
		{"a number that is none", append(slices.Clone(invoice[:7]), append([]string{"=1+1"}, invoice[8:]...)...)},
		{"too few cells", invoice[:12]},
		{"too many cells", append(slices.Clone(invoice), "x")},
	} {
		w.record(org, "invoices", noon.Add(-90*time.Minute), invoice...)
		w.record(org, "invoices", noon.Add(-80*time.Minute), c.cells...)
		n.Title = c.name
		b := w.make(auth, n)
		if b.Completeness != api.Partial || b.Modules[2].Status != api.ModuleFailed || b.Modules[2].Records != 0 || b.Modules[0].Records != 2 {
			t.Errorf("%s: %+v", c.name, b)
		}
		names, files := w.archiveOf(auth, b.ID)
		if slices.Contains(names, "invoices.csv") {
			t.Errorf("%s: half a module is worse than none", c.name)
		}
		m, err := manifest.Parse(files["manifest.json"])
		if err != nil || !slices.Equal(m.Missing, []string{"invoices"}) || len(m.Files) != 2 {
			t.Errorf("%s: %v, %+v", c.name, err, m)
		}
		if !bytes.Contains(files["README.txt"], []byte("could not read: invoices")) {
			t.Errorf("%s: README does not say so", c.name)
		}
		checkSums(t, files)
		only := n
		only.Title, only.Modules = "Only "+c.name, []string{"invoices", "visitors"}
		if b := w.ended(w.create(auth, only).ID); b.Status != api.StatusFailed || b.Error == nil || b.Archive != nil {
			t.Errorf("%s: nothing could be read, but it is %s", c.name, b.Status)
		}
		if _, err := w.w.Exec("DELETE FROM records WHERE module = 'invoices'"); err != nil {
			t.Fatal(err)
		}
	}
}

// faultyFile fails after so many bytes.
type faultyFile struct {
	jobFile
	left int
	err  error
}

func (f *faultyFile) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, f.err
	}
	return f.jobFile.Write(b)
}

func TestAFullDiskIsToldAndLeavesNothing(t *testing.T) {
	for _, name := range []string{"invoices.part", "archive.zip"} {
		w := newWorld(t)
		full := &os.PathError{Op: "write", Path: name, Err: syscall.ENOSPC}
		var attempts atomic.Int32
		w.s.newFile = func(path string) (jobFile, error) {
			f, err := createFile(path)
			if filepath.Base(path) != name {
				return f, err
			}
			attempts.Add(1)
			return &faultyFile{f, 100, full}, err
		}
		before := w.left("archives")
		b := w.ended(w.create(w.demo(), request("Full")).ID)
		if b.Status != api.StatusFailed || b.Error.Code != string(api.CodeInsufficientStorage) || !strings.Contains(b.Error.Detail, "no room") {
			t.Errorf("%s: %+v %+v", name, b, b.Error)
		}
		if attempts.Load() != 1 {
			t.Errorf("%s: a full disk is not tried %d times", name, attempts.Load())
		}
		if left := w.left("tmp"); len(left) > 0 || !slices.Equal(before, w.left("archives")) {
			t.Errorf("%s: left %v", name, left)
		}
		w.close()
	}
}

func TestATroubleThatPassesIsTriedAgain(t *testing.T) {
	for name, trouble := range map[string]struct {
		file   string
		fault  func(jobFile) jobFile
		reason string
	}{
		"write error": {"archive.zip", func(f jobFile) jobFile { return &faultyFile{f, 10, errors.New("input/output error")} }, "could not make the file"},
		"panic":       {"archive.zip", func(jobFile) jobFile { panic("boom") }, "could not make the file"},
		"bit flip":    {"invoices.part", func(f jobFile) jobFile { return &flippingFile{jobFile: f} }, "did not give back what was written"},
		"no rights":   {"archive.zip", func(f jobFile) jobFile { return &faultyFile{f, 10, os.ErrPermission} }, "may not use its own folder"},
		"lost sync":   {"archive.zip", func(f jobFile) jobFile { return lostSync{f} }, "disk reports errors"},
	} {
		for times, want := range map[int32]api.Status{2: api.StatusCompleted, 3: api.StatusFailed} {
			w := newWorld(t)
			var attempts atomic.Int32
			w.s.newFile = func(path string) (jobFile, error) {
				f, err := createFile(path)
				if filepath.Base(path) != trouble.file || attempts.Add(1) > times {
					return f, err
				}
				return trouble.fault(f), err
			}
			b := w.ended(w.create(w.demo(), request("Trouble")).ID)
			if b.Status != want {
				t.Errorf("%s %d times: %s, want %s; %+v", name, times, b.Status, want, b.Error)
			}
			if b.Error != nil && (!strings.Contains(b.Error.Detail, trouble.reason) || !strings.HasSuffix(b.Error.Detail, "It tried 3 times.")) {
				t.Errorf("%s: the reason told is %q", name, b.Error.Detail)
			}
			if left := w.untidied(); len(left) > 0 || slices.Contains(w.left("archives"), b.ID+".zip") != (want == api.StatusCompleted) {
				t.Errorf("%s: left %v", name, left)
			}
			w.close()
		}
	}
}

// flippingFile damages one bit on the way to the disk.
type flippingFile struct {
	jobFile
	n int
}

func (f *flippingFile) Write(b []byte) (int, error) {
	const at = 200
	if f.n <= at && at < f.n+len(b) {
		b = slices.Clone(b)
		b[at-f.n] ^= 1
	}
	f.n += len(b)
	return f.jobFile.Write(b)
}

type lostSync struct{ jobFile }

func (lostSync) Sync() error { return syscall.EIO }

func TestVerifyNoticesEveryDifference(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	b := w.make(auth, request("Good"))
	row, err := w.s.load(t.Context(), b.ID)
	if err != nil {
		t.Fatal(err)
	}
	good := into[manifest.Manifest](w.call("GET", "/v1/backups/"+b.ID+"/manifest", nil, auth).want(200))
	verify := func(m manifest.Manifest) error {
		j := &job{s: w.s, b: row, p: &progress{}, surroundings: surroundings{clock: w.clock.now, pace: noPace}}
		z := packed{path: w.s.archivePath(b.ID), manifest: m}
		err := j.verify(t.Context(), &z)
		if err == nil && (z.size != b.Archive.Size || z.sha256 != b.Archive.SHA256) {
			t.Errorf("measured %d %s", z.size, z.sha256)
		}
		return err
	}
	if err := verify(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*manifest.Manifest){
		"rows":   func(m *manifest.Manifest) { m.Files[1].Rows++ },
		"bytes":  func(m *manifest.Manifest) { m.Files[1].Bytes-- },
		"sha256": func(m *manifest.Manifest) { m.Files[0].SHA256 = m.Files[1].SHA256 },
		"more":   func(m *manifest.Manifest) { m.Files = append(m.Files, manifest.File{Name: "staff.csv"}) },
		"fewer":  func(m *manifest.Manifest) { m.Files = m.Files[1:] },
	} {
		m := good
		m.Files = slices.Clone(good.Files)
		spoil(&m)
		if verify(m) == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
}

func TestMemoryOfAJobDoesNotGrowWithTheData(t *testing.T) {
	w := emptyWorld(t)
	org, _ := w.organisation("Big", "UTC", "en-GB")
	cells := `["1","1","room","1","name","2026-06-17T09:00:00Z","` + strings.Repeat("a long message ", 60) + `","false"]`
	if _, err := w.w.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		INSERT INTO records SELECT ?, 'messages', ?, i, 0, ? FROM n`, org, millis(noon.Add(-time.Hour)), cells); err != nil {
		t.Fatal(err)
	}
	known, err := modulesOf(t.Context(), w.r, org)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(known, func(m module) bool { return m.key == "messages" })
	today := calendar.DayOf(noon, time.UTC)
	j := &job{s: w.s, p: &progress{within: make([]within, 1)}, loc: time.UTC, csv: newCSVStyle("excel", "en-GB", time.UTC), surroundings: surroundings{clock: w.clock.now, pace: noPace}}
	j.b.org, j.b.From, j.b.Till, j.b.PerformedAt, j.b.Modules = org, today, today, noon, make([]api.BackupModule, 1)
	read, err := w.r.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = read.Rollback() }()
	var largest, total int
	n, _, err := j.rows(context.Background(), read, known[at], 0, writerFunc(func(b []byte) (int, error) {
		largest, total = max(largest, len(b)), total+len(b)
		return len(b), nil
	}))
	if err != nil || n != 2000 || total < 1_800_000 || largest > 2*chunk {
		t.Errorf("%d rows, %d bytes, at most %d at once: %v", n, total, largest, err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestAFailureThatCannotBeStoredIsStoredLater(t *testing.T) {
	w := newWorld(t)
	w.s.newFile = func(string) (jobFile, error) { return nil, syscall.ENOSPC }
	if _, err := w.w.Exec(`CREATE TRIGGER full BEFORE UPDATE OF status ON backups WHEN NEW.status = 'failed'
		BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END`); err != nil {
		t.Fatal(err)
	}
	logged := make(chan struct{}, 1)
	w.s.log = slog.New(slog.NewTextHandler(writerFunc(func(b []byte) (int, error) {
		if bytes.Contains(b, []byte("failure not stored")) {
			select {
			case logged <- struct{}{}:
			default:
			}
		}
		return len(b), nil
	}), nil))
	b := w.create(w.demo(), request("Full to the brim"))
	<-logged
	if got := w.get(w.demo(), b.ID); got.Status != api.StatusPending {
		t.Fatalf("got %+v", got)
	}
	if _, err := w.w.Exec("DROP TRIGGER full"); err != nil {
		t.Fatal(err)
	}
	if got := w.ended(b.ID); got.Status != api.StatusFailed || got.Error.Code != string(api.CodeInsufficientStorage) {
		t.Errorf("got %+v", got)
	}
}

// What the database does not give may be given again; the module is left out,
// and named, only when three attempts went by.
func TestAModuleIsNotGivenUpAtOnce(t *testing.T) {
	j := &job{}
	var broken *moduleError
	for attempts, want := range []bool{false, false, true} {
		j.b.attempts = attempts
		if got := errors.As(j.unreadable(t.Context(), module{key: "staff"}, syscall.EIO), &broken); got != want {
			t.Errorf("attempt %d: given up %v", attempts+1, got)
		}
	}
}
