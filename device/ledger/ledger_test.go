package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"connectbackup/device"
	"connectbackup/device/download"
)

func open(t *testing.T, path string) (*Ledger, *sql.DB) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	l, err := Open(db)
	if err != nil {
		t.Fatal(err)
	}
	return l, db
}

func record(id string) Record {
	at := time.Date(2026, 11, 23, 10, 0, 0, 123000, time.UTC).Local()
	return Record{
		Server: "https://connect.example", Organisation: "org-1", BackupID: id, Title: "Größe 尺寸 'quoted'",
		FileName: "acme.zip", Location: download.Location("/home/u/Downloads/acme.zip"), Size: 1 << 40,
		SHA256: "ab", ModTime: at, At: at.Add(time.Second), VerifiedAt: at.Add(time.Minute),
	}
}

// I3: a record survives a restart, whole.
func TestRecordSurvivesRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	want := record("1")
	l, db := open(t, path)
	if err := l.Put(want); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	l, _ = open(t, path)
	got, err := l.Get(want.Server, want.Organisation, "1")
	if err != nil || got != want {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
}

// A file is found by where it lies and by what it holds, whoever downloaded it;
// of several the newest.
func TestByLocationAndContent(t *testing.T) {
	l, _ := open(t, filepath.Join(t.TempDir(), "data.db"))
	older, newer, other := record("1"), record("2"), record("3")
	newer.At, newer.Organisation, newer.SHA256 = older.At.Add(time.Hour), "org-2", "cd"
	other.At, other.Location = older.At.Add(-time.Hour), "/elsewhere/acme.zip"
	for _, r := range []Record{older, newer, other} {
		if err := l.Put(r); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := l.ByLocation(older.Location); err != nil || got != newer {
		t.Errorf("ByLocation: %+v, %v", got, err)
	}
	if got, err := l.BySHA256("ab"); err != nil || got != older {
		t.Errorf("BySHA256: %+v, %v", got, err)
	}
	if _, err := l.ByLocation("/elsewhere"); !errors.Is(err, ErrNotFound) {
		t.Errorf("ByLocation of nothing: %v", err)
	}
	if _, err := l.BySHA256(""); !errors.Is(err, ErrNotFound) {
		t.Errorf("BySHA256 of nothing: %v", err)
	}
	if err := l.Verified(newer.Server, newer.Organisation, "2", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got, err := l.ByLocation(older.Location); err != nil || !got.VerifiedAt.IsZero() {
		t.Errorf("no longer verified: %+v, %v", got, err)
	}
}

// I12: one organisation, or server, never sees another's records.
func TestOrganisationsAreKeptApart(t *testing.T) {
	l, _ := open(t, filepath.Join(t.TempDir(), "data.db"))
	mine, theirs, elsewhere := record("1"), record("1"), record("1")
	theirs.Organisation, elsewhere.Server = "org-2", ""
	theirs.SHA256, elsewhere.SHA256 = "theirs", "elsewhere"
	for _, r := range []Record{mine, theirs, elsewhere} {
		if err := l.Put(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []Record{mine, theirs, elsewhere} {
		if got, err := l.Get(want.Server, want.Organisation, "1"); err != nil || got != want {
			t.Errorf("Get: %+v, %v", got, err)
		}
		if got, err := l.List(want.Server, want.Organisation); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("List: %+v, %v", got, err)
		}
		if got, err := l.ByName(want.Server, want.Organisation, "acme.zip"); err != nil || got != want {
			t.Errorf("ByName: %+v, %v", got, err)
		}
	}
	if err := l.Remove(mine.Server, mine.Organisation, "1"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Get(theirs.Server, theirs.Organisation, "1"); err != nil {
		t.Errorf("another's record went too: %v", err)
	}
}

func TestChanges(t *testing.T) {
	l, _ := open(t, filepath.Join(t.TempDir(), "data.db"))
	first, again, second := record("1"), record("1"), record("2")
	again.Location, again.At, again.VerifiedAt = "/elsewhere/acme.zip", first.At.Add(time.Hour), time.Time{}
	second.At = first.At.Add(time.Minute)
	for _, r := range []Record{first, second, again} {
		if err := l.Put(r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.List(first.Server, first.Organisation)
	if err != nil || len(got) != 2 || got[0] != again || got[1] != second {
		t.Fatalf("not the newest first: %+v, %v", got, err)
	}
	if r, err := l.ByName(first.Server, first.Organisation, "acme.zip"); err != nil || r != again {
		t.Errorf("ByName: %+v, %v", r, err)
	}
	checked := first.At.Add(48 * time.Hour)
	if err := l.Verified(first.Server, first.Organisation, "1", checked); err != nil {
		t.Fatal(err)
	}
	if r, err := l.Get(first.Server, first.Organisation, "1"); err != nil || !r.VerifiedAt.Equal(checked) {
		t.Errorf("verified %v, %v", r.VerifiedAt, err)
	}
	if err := l.Remove(first.Server, first.Organisation, "1"); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"Remove":   l.Remove(first.Server, first.Organisation, "1"),
		"Verified": l.Verified(first.Server, first.Organisation, "1", checked),
		"Get":      second1(l.Get(first.Server, first.Organisation, "1")),
		"ByName":   second1(l.ByName(first.Server, first.Organisation, "none.zip")),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s of nothing: %v", what, err)
		}
	}
}

func second1[T any](_ T, err error) error { return err }

func TestSeveralAtOnce(t *testing.T) {
	l, _ := open(t, filepath.Join(t.TempDir(), "data.db"))
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			if err := l.Put(record(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
			if _, err := l.List("https://connect.example", "org-1"); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got, err := l.List("https://connect.example", "org-1"); err != nil || len(got) != 20 {
		t.Errorf("%d records, %v", len(got), err)
	}
}

// A newer app's records are not touched by an older one.
func TestNewerVersion(t *testing.T) {
	_, db := open(t, filepath.Join(t.TempDir(), "data.db"))
	if _, err := db.Exec(`UPDATE ledger_meta SET version = 7`); err != nil {
		t.Fatal(err)
	}
	var newer *VersionError
	if _, err := Open(db); !errors.As(err, &newer) || newer.Found != 7 {
		t.Errorf("%v", err)
	}
}

func TestDatabaseGone(t *testing.T) {
	l, db := open(t, filepath.Join(t.TempDir(), "data.db"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(db); err == nil {
		t.Error("Open")
	}
	if err := l.Put(record("1")); err == nil {
		t.Error("Put")
	}
	if _, err := l.List("", ""); err == nil {
		t.Error("List")
	}
	if err := l.Remove("", "", "1"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("Remove: %v", err)
	}
}

// S15, I3: what became of the file, with a real one.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "acme.zip")
	folder := device.OpenFolder(dir)
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC)
	write("bytes", at)
	r := Record{Location: download.Location(path), Size: 5, ModTime: at}
	check := func(what string, want download.CopyState) {
		t.Helper()
		if got := Check(r, folder.StatAt); got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	check("as it was", download.CopyPresent)
	write("bytes", at.Truncate(2*time.Second))
	check("on a disk that keeps even seconds", download.CopyPresent)
	write("bytes", at.Add(time.Hour))
	check("written again", download.CopyChanged)
	write("byte", at)
	check("shorter", download.CopyChanged)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	check("deleted", download.CopyGone)
	denied := func(download.Location) (download.Info, error) { return download.Info{}, fs.ErrPermission }
	if got := Check(r, denied); got != download.CopyGone {
		t.Errorf("not to be looked at: %v", got)
	}
}
