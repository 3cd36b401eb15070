package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// Every way to rename must refuse to replace, also those that only some file
// systems need.
func TestRenameNeverReplaces(t *testing.T) {
	for name, rename := range map[string]func(from, to string) error{
		"system": RenameNew, "link": renameByLink, "look": renameAfterLook,
	} {
		dir := t.TempDir()
		from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
		write(t, from, "new")
		write(t, to, "old")
		if err := rename(from, to); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", name, err)
		}
		if read(t, from) != "new" || read(t, to) != "old" {
			t.Errorf("%s: something was replaced", name)
		}
		if err := os.Remove(to); err != nil {
			t.Fatal(err)
		}
		if err := rename(from, to); err != nil || read(t, to) != "new" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(from); err == nil {
			t.Errorf("%s: the old name is still there", name)
		}
	}
}

func TestExchangeSwapsFolders(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for _, p := range []string{a, b} {
		if err := os.Mkdir(p, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(p, "f"), filepath.Base(p))
	}
	err := Exchange(a, b)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this system cannot")
	}
	if err != nil || read(t, filepath.Join(a, "f")) != "b" || read(t, filepath.Join(b, "f")) != "a" {
		t.Errorf("not swapped: %v", err)
	}
}

// A file that a virus scanner has open is renamed when it lets go of it; one
// that it keeps is an error after two seconds, and one that cannot be renamed
// at all is an error at once.
func TestD47_SharingViolation(t *testing.T) {
	violation, other := errors.New("sharing violation"), errors.New("not allowed")
	for _, c := range []struct {
		busy  int
		then  error
		want  error
		tries int
		took  time.Duration
	}{
		{0, nil, nil, 1, 0},
		{7, nil, nil, 8, 700 * time.Millisecond},
		{1000, nil, violation, 21, 2 * time.Second},
		{0, other, other, 1, 0},
		{3, other, other, 4, 300 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			tries, began := 0, time.Now()
			err := whileBusy(func() error {
				if tries++; tries <= c.busy {
					return fmt.Errorf("rename: %w", violation)
				}
				return c.then
			}, func(err error) bool { return errors.Is(err, violation) })
			if !errors.Is(err, c.want) || tries != c.tries || time.Since(began) != c.took {
				t.Errorf("busy %d times: %v after %d tries and %v", c.busy, err, tries, time.Since(began))
			}
		})
	}
}

func write(t *testing.T, p, text string) {
	t.Helper()
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, p string) string {
	t.Helper()
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
