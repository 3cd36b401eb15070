package device

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"connectbackup/device/download"
)

func TestAFolderIsAPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Downloads")
	place := OpenPlace(dir)
	for _, content := range []string{"one", "two"} {
		l, err := place.Save("days.ics", []byte(content))
		must(t, err)
		b, err := os.ReadFile(string(l))
		if err != nil || string(b) != content {
			t.Errorf("it holds %q, %v", b, err)
		}
	}
	if _, err := place.Save("../days.ics", nil); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("a name that leads out: %v", err)
	}
	target, free := place.Beside(download.Location(filepath.Join(dir, "a.zip")))
	if n, err := free(); err != nil || n <= 0 {
		t.Errorf("%d are free, %v", n, err)
	}
	must(t, target.Begin("a", download.Ask))
	w, err := target.Create("x.csv")
	must(t, err)
	_, err = io.WriteString(w, "x")
	must(t, errors.Join(err, w.Close()))
	left := names(t, dir)
	must(t, place.Sweep()) // it is under way, in this process
	if now := names(t, dir); len(now) != len(left) {
		t.Errorf("of %q only %q are left", left, now)
	}
	l, err := target.Commit()
	if err != nil || l != download.Location(filepath.Join(dir, "a")) {
		t.Errorf("%s, %v", l, err)
	}
	must(t, place.Remove(download.Location(filepath.Join(dir, "days.ics"))))
	if got := names(t, dir); len(got) != 1 || got[0] != "a" {
		t.Errorf("left are %q", got)
	}
}

// What is listed can be opened: no programs, no links, no folders; whatever the
// archive was, and however much.
func TestDocumentsOfAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "acme")
	must(t, os.MkdirAll(filepath.Join(dir, "notes", "a.csv"), 0o700))
	for _, name := range []string{"staff.csv", "Invoices.CSV", "notes/b.txt", "notes/a.csv/c.csv", "run.desktop", "setup.exe", "plain"} {
		must(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(name), 0o600))
	}
	must(t, os.Symlink(filepath.Join(dir, "staff.csv"), filepath.Join(dir, "link.csv")))
	place := OpenPlace(t.TempDir())
	want := []string{"Invoices.CSV", "notes/a.csv/c.csv", "notes/b.txt", "staff.csv"}
	for most := range len(want) + 1 {
		files, err := place.Documents(download.Location(dir), most)
		if err != nil || len(files) != most {
			t.Errorf("of at most %d there are %+v, %v", most, files, err)
		}
		for i, f := range files {
			if p := filepath.Join(dir, filepath.FromSlash(want[i])); f.Name != want[i] || f.Size != int64(len(want[i])) || string(f.Location) != p {
				t.Errorf("%d: %+v; want %s", i, f, want[i])
			}
		}
	}
	if _, err := place.Documents(download.Location(filepath.Join(dir, "none")), 9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no folder: %v", err)
	}
}
