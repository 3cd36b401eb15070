package server

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

func onFourCores(c *Config) { c.Cores = 4 }

// rawEntries are the compressed bytes of an archive's CSV files, in order.
func (w *world) rawEntries(id string) (names []string, raw [][]byte) {
	w.Helper()
	r, err := zip.OpenReader(w.s.archivePath(id))
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for _, f := range r.File[3:] {
		from, err := f.OpenRaw()
		if err != nil {
			w.Fatal(err)
		}
		b, err := io.ReadAll(from)
		if err != nil {
			w.Fatal(err)
		}
		names, raw = append(names, f.Name), append(raw, b)
	}
	return names, raw
}

func TestOnAllCoresTheArchiveIsTheSame(t *testing.T) {
	n := request("Same")
	n.Modules = nil
	one, four := newWorld(t), newWorld(t, onFourCores)
	if got := cap(four.s.cores); got != 3 {
		t.Fatalf("%d cores to spare", got)
	}
	wantNames, want := one.rawEntries(one.make(one.demo(), n).ID)
	for range 5 {
		b := four.make(four.demo(), n)
		names, got := four.rawEntries(b.ID)
		if !slices.Equal(names, wantNames) || len(names) != 13 {
			t.Fatalf("%v, want %v", names, wantNames)
		}
		for i := range got {
			if !bytes.Equal(got[i], want[i]) {
				t.Errorf("%s differs", names[i])
			}
		}
		_, files := four.archiveOf(four.demo(), b.ID)
		checkSums(t, files)
	}
	if len(four.s.cores) != 0 {
		t.Error("cores were not given back")
	}
}

func TestModulesArePackedAtTheSameTime(t *testing.T) {
	g := newGate(api.StageCollecting, "departments")
	w := newWorld(t, g.config, onFourCores)
	b := w.create(w.demo(), request("At once"))
	<-g.reached // departments wait, and the others go on
	got := w.until(b.ID, func(b api.Backup) bool { return b.Progress.ModulesDone == 2 })
	if p := got.Progress; p.Percent != 56 || p.Records == 0 || got.Modules[0].Status != api.ModuleWaiting || got.Modules[1].Status != api.ModuleOK {
		t.Errorf("%+v %+v", p, got.Modules)
	}
	close(g.open)
	if got := w.ended(b.ID); got.Status != api.StatusCompleted {
		t.Errorf("got %+v", got)
	}
}

// Whoever writes a record into two modules at once finds both in a backup, or
// neither, though each module is read through a connection of its own.
func TestAllModulesAreOfOneMoment(t *testing.T) {
	w := emptyWorld(t, onFourCores)
	org, email := w.organisation("Pairs", "UTC", "en-GB")
	modules := []string{"departments", "notices", "events", "leave"}
	cells := map[string]string{}
	for _, m := range demoModules() {
		empty, err := json.Marshal(make([]string, len(m.columns)))
		if err != nil {
			t.Fatal(err)
		}
		cells[m.key] = string(empty)
	}
	stop, written := make(chan struct{}), make(chan error, 1)
	var pairs atomic.Int64
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				written <- nil
				return
			default:
			}
			err := w.s.write(t.Context(), func(tx *sql.Tx) (err error) {
				for _, m := range modules {
					_, e := tx.Exec("INSERT INTO records VALUES (?, ?, ?, ?, 0, ?)", org, m, millis(noon.Add(-time.Hour)), i, cells[m])
					err = errors.Join(err, e)
				}
				return err
			})
			if err != nil {
				written <- err
				return
			}
			pairs.Add(1)
		}
	}()
	today := calendar.DayOf(noon, time.UTC)
	auth := w.signedIn(email)
	for i := range 20 {
		b := w.make(auth, api.NewBackup{Title: string(rune('a' + i)), From: today, Till: today, Modules: modules})
		for _, m := range b.Modules {
			if m.Records != b.Modules[0].Records {
				t.Fatalf("not of one moment: %+v", b.Modules)
			}
		}
	}
	close(stop)
	if err := <-written; err != nil {
		t.Error(err)
	}
	if pairs.Load() < 20 {
		t.Errorf("%d pairs prove nothing", pairs.Load())
	}
}

func TestAWriteBehindTellsItsError(t *testing.T) {
	full := errors.New("full")
	b := newBehind(writerFunc(func([]byte) (int, error) { return 0, full }))
	var err error
	for range 2 * behindMax { // it comes with one of the next pieces
		if _, err = b.Write([]byte("x")); err != nil {
			break
		}
	}
	if closed := b.Close(); !errors.Is(err, full) || !errors.Is(closed, full) {
		t.Errorf("%v, %v", err, closed)
	}
	var got bytes.Buffer
	b = newBehind(&got)
	piece := []byte("abc")
	for range 10 {
		if _, err := b.Write(piece); err != nil {
			t.Fatal(err)
		}
		copy(piece, "xyz") // it was copied
		copy(piece, "abc")
	}
	if err := b.Close(); err != nil || got.String() != "abcabcabcabcabcabcabcabcabcabc" {
		t.Errorf("%v %q", err, got.String())
	}
}

// What plainCells reads itself is what encoding/json reads.
func FuzzCells(f *testing.F) {
	for _, seed := range []string{
		`["a","b"]`, `[]`, `[""]`, `["a\"b\\","\n\r"]`, `["\u003c"]`, `["a" ,"b"]`, `["a"`, `["cut o`, `["a",]`, `["a"]]`, `["\`, `["\"`, `["a\"]`, `[1]`, "[\"\xff\"]", "[\"\t\"]", `["a""b"]`, `["`, `[`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, plain := plainCells(nil, raw)
		if !plain {
			return
		}
		var want []string
		if err := json.Unmarshal(raw, &want); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, but encoding/json %q, %v", raw, got, want, err)
		}
	})
}
