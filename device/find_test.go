package device

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"connectbackup/device/download"
)

// B13: files of one size are found in the folder and one folder deeper, and
// nothing else is.
func TestFilesOfASize(t *testing.T) {
	dir := t.TempDir()
	f := OpenFolder(filepath.Join(dir, "Downloads"))
	if got, err := f.OfSize(t.Context(), 3); err != nil || got != nil {
		t.Errorf("a folder that is not there: %v, %v", got, err)
	}
	for path, text := range map[string]string{
		"a.zip": "abc", "b.zip": "abcd", ".connect-backup-k.part": "abc", "sub/c.zip": "xyz",
		"sub/deeper/d.zip": "abc", "shut/e.zip": "abc", "../outside.zip": "abc",
	} {
		p := filepath.Join(f.Path(), path)
		must(t, os.MkdirAll(filepath.Dir(p), 0o700))
		must(t, os.WriteFile(p, []byte(text), 0o600))
	}
	must(t, os.Symlink(filepath.Join(dir, "outside.zip"), filepath.Join(f.Path(), "link.zip")))
	must(t, os.Symlink(dir, filepath.Join(f.Path(), "linked")))
	must(t, os.Chmod(filepath.Join(f.Path(), "shut"), 0))
	defer func() { must(t, os.Chmod(filepath.Join(f.Path(), "shut"), 0o700)) }()
	found, err := f.OfSize(t.Context(), 3)
	var names []string
	for _, i := range found {
		names = append(names, i.Name)
		if i.Size != 3 || i.ModTime.IsZero() || !filepath.IsAbs(string(i.Location)) {
			t.Errorf("%+v", i)
		}
	}
	slices.Sort(names)
	want := []string{"a.zip", "c.zip"}
	if os.Getuid() == 0 { // nothing is shut to root
		want = append(want, "e.zip")
	}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("%v, %v; want %v", names, err, want)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.OfSize(ended, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestOnlyAFileIsRemoved(t *testing.T) {
	dir := t.TempDir()
	file, link, sub := filepath.Join(dir, "a.zip"), filepath.Join(dir, "l.zip"), filepath.Join(dir, "sub")
	must(t, os.WriteFile(file, []byte("x"), 0o600))
	must(t, os.Symlink(file, link))
	must(t, os.Mkdir(sub, 0o700))
	for _, p := range []string{link, sub} {
		if err := RemoveFile(download.Location(p)); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%s: %v", p, err)
		}
		if _, err := os.Lstat(p); err != nil {
			t.Error(err)
		}
	}
	must(t, RemoveFile(download.Location(file)))
	if err := RemoveFile(download.Location(file)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("twice: %v", err)
	}
}
