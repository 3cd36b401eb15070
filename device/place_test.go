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
