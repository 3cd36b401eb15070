package extract_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// everyReplace runs a test with each way to replace a folder.
func everyReplace(t *testing.T, f func(t *testing.T, in func(parent string) *extract.DirTarget)) {
	t.Run("as this system can", func(t *testing.T) { f(t, extract.Dir) })
	t.Run("without exchange", func(t *testing.T) {
		f(t, func(parent string) *extract.DirTarget { return extract.Dir(parent).WithoutExchange() })
	})
}

// replaceWith extracts an archive of one file in place of parent/acme.
func replaceWith(t *testing.T, archive string, to extract.Target) error {
	t.Helper()
	f, err := os.Open(archive)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	info, err := f.Stat()
	must(t, err)
	_, err = extract.Archive(t.Context(), f, info.Size(), to, extract.Options{Name: "acme", Clash: download.Replace})
	return err
}

// oldFolder makes parent/acme, which holds a file and perhaps more.
func oldFolder(t *testing.T, parent string) string {
	t.Helper()
	old := filepath.Join(parent, "acme")
	must(t, os.MkdirAll(filepath.Join(old, "years"), 0o755))
	must(t, os.WriteFile(filepath.Join(old, "mine"), []byte("old"), 0o644))
	return old
}

// The archive may be the only copy of a person's records: replacing the folder
// in which it lies would remove it too.
func TestReplaceNeverRemovesTheArchive(t *testing.T) {
	b := zipOf(t, file("a", "new"))
	everyReplace(t, func(t *testing.T, in func(string) *extract.DirTarget) {
		parent := t.TempDir()
		old := oldFolder(t, parent)
		inside := filepath.Join(old, "years", "acme.zip")
		must(t, os.WriteFile(inside, b, 0o644))
		link := filepath.Join(t.TempDir(), "link.zip")
		must(t, os.Symlink(inside, link))
		second := filepath.Join(t.TempDir(), "second.zip")
		must(t, os.Link(inside, second))
		want := tree(t, parent)
		for _, p := range []string{inside, link, second} {
			to := &counting{DirTarget: in(parent)}
			assertHoldsArchive(t, replaceWith(t, p, to))
			if to.created > 0 {
				t.Errorf("%s: %d files were written first", p, to.created)
			}
			if got := tree(t, parent); !maps.Equal(got, want) {
				t.Errorf("%s: there is %q", p, got)
			}
		}
		// A file beside it, or in a folder whose name begins the same, is no reason.
		beside := filepath.Join(parent, "acme-2", "acme.zip")
		must(t, os.Mkdir(filepath.Dir(beside), 0o755))
		must(t, os.Rename(inside, beside))
		must(t, replaceWith(t, beside, in(parent)))
		if got := tree(t, parent); !maps.Equal(got, map[string]string{"acme/": "", "acme/a": "new", "acme-2/": "", "acme-2/acme.zip": string(b)}) {
			t.Errorf("there is %q", got)
		}
	})
}

func TestReplaceSparesAnArchiveThatIsMovedIntoTheFolder(t *testing.T) {
	b := zipOf(t, file("a", "new"))
	everyReplace(t, func(t *testing.T, in func(string) *extract.DirTarget) {
		parent := t.TempDir()
		old := oldFolder(t, parent)
		p := filepath.Join(t.TempDir(), "acme.zip")
		must(t, os.WriteFile(p, b, 0o644))
		moved := filepath.Join(old, "acme.zip")
		to := target{DirTarget: in(parent), write: func(b []byte) (int, error) { return len(b), os.Rename(p, moved) }}
		assertHoldsArchive(t, replaceWith(t, p, to))
		if got := tree(t, parent); !maps.Equal(got, map[string]string{"acme/": "", "acme/years/": "", "acme/mine": "old", "acme/acme.zip": string(b)}) {
			t.Errorf("there is %q", got)
		}
	})
}

func assertHoldsArchive(t *testing.T, err error) {
	t.Helper()
	var folder *download.FolderError
	if !errors.As(err, &folder) || !errors.Is(err, extract.ErrHoldsArchive) || filepath.Base(folder.Path) != "acme" {
		t.Errorf("got %v", err)
	}
}

// counting counts the files that are written.
type counting struct {
	*extract.DirTarget
	created int
}

func (c *counting) Create(p string) (io.WriteCloser, error) {
	c.created++
	return c.DirTarget.Create(p)
}

// Before the first byte a file of that name is never replaced; nor is one that
// comes while files are written.
func TestReplaceNeverRemovesAFileThatCameMeanwhile(t *testing.T) {
	everyReplace(t, func(t *testing.T, in func(string) *extract.DirTarget) {
		for what, had := range map[string]bool{"in place of the folder": true, "anew": false} {
			parent := t.TempDir()
			mine := filepath.Join(parent, "acme")
			if had {
				oldFolder(t, parent)
			}
			p := filepath.Join(t.TempDir(), "acme.zip")
			must(t, os.WriteFile(p, zipOf(t, file("a", "new")), 0o644))
			to := target{DirTarget: in(parent), write: func(b []byte) (int, error) {
				return len(b), errors.Join(os.RemoveAll(mine), os.WriteFile(mine, []byte("mine"), 0o644))
			}}
			var exists *download.ExistsError
			if err := replaceWith(t, p, to); !errors.As(err, &exists) || string(exists.Location) != mine {
				t.Errorf("%s: %v", what, err)
			}
			if got := tree(t, parent); !maps.Equal(got, map[string]string{"acme": "mine"}) {
				t.Errorf("%s: there is %q", what, got)
			}
			assertNothingOpenIn(t, parent)
		}
	})
}

// What is taken out and may not go gets its name back, or one beside it when
// another folder has that name by then.
func TestReplacePutsBackBesideWhatCameMeanwhile(t *testing.T) {
	parent := t.TempDir()
	mine := filepath.Join(parent, "acme")
	p := filepath.Join(t.TempDir(), "acme.zip")
	must(t, os.WriteFile(p, zipOf(t, file("a", "new")), 0o644))
	swaps := 0
	to := target{DirTarget: extract.Dir(parent).Exchanging(func(a, b string) error {
		if swaps++; swaps > 1 {
			return syscall.EIO
		}
		c := filepath.Join(parent, "c")
		return errors.Join(os.Rename(a, c), os.Rename(b, a), os.Rename(c, b))
	}), write: func(b []byte) (int, error) { return len(b), os.WriteFile(mine, []byte("mine"), 0o644) }}
	var exists *download.ExistsError
	if err := replaceWith(t, p, to); !errors.As(err, &exists) {
		t.Errorf("got %v", err)
	}
	if got := tree(t, parent); !maps.Equal(got, map[string]string{"acme/": "", "acme/a": "", "acme (2)": "mine"}) {
		t.Errorf("there is %q", got)
	}
}

// The new folder is in its place: that a file of the old one cannot be removed
// now, such as one that is open on Windows, is no failure, and does not stay for
// good.
func TestReplaceIsDoneThoughTheOldFolderCannotGo(t *testing.T) {
	everyReplace(t, func(t *testing.T, in func(string) *extract.DirTarget) {
		parent := t.TempDir()
		oldFolder(t, parent)
		p := filepath.Join(t.TempDir(), "acme.zip")
		must(t, os.WriteFile(p, zipOf(t, file("a", "new")), 0o644))
		must(t, replaceWith(t, p, in(parent).Removing(func(old string) error {
			must(t, os.Remove(filepath.Join(old, "years")))
			return &fs.PathError{Op: "remove", Path: filepath.Join(old, "mine"), Err: syscall.EBUSY}
		})))
		if got := tree(t, filepath.Join(parent, "acme")); !maps.Equal(got, map[string]string{"a": "new"}) {
			t.Errorf("the folder holds %q", got)
		}
		assertNothingOpenIn(t, parent)
		must(t, os.Rename(filepath.Join(parent, "acme"), filepath.Join(parent, "away"))) // what is old never comes back
		must(t, extract.Sweep(parent))
		if names := list(t, parent); !slices.Equal(names, []string{"away"}) {
			t.Errorf("at the next start there is %q", names)
		}
	})
}

// A person who replaces a folder means all of it.
func TestReplaceRemovesFoldersThatMayNotBeWrittenTo(t *testing.T) {
	parent := t.TempDir()
	years := filepath.Join(oldFolder(t, parent), "years")
	must(t, os.WriteFile(filepath.Join(years, "2024.csv"), []byte("old"), 0o400))
	must(t, os.Mkdir(filepath.Join(years, "below"), 0o555))
	must(t, os.Chmod(years, 0o555))
	p := filepath.Join(t.TempDir(), "acme.zip")
	must(t, os.WriteFile(p, zipOf(t, file("a", "new")), 0o644))
	must(t, replaceWith(t, p, extract.Dir(parent)))
	if got := tree(t, parent); !maps.Equal(got, map[string]string{"acme/": "", "acme/a": "new"}) {
		t.Errorf("there is %q", got)
	}
}

// The archive might lie in a folder that may not be looked into.
func TestReplaceKeepsFoldersThatMayNotBeLookedInto(t *testing.T) {
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("this user may look into every folder")
	}
	for _, mode := range []fs.FileMode{0o311, 0o644, 0} {
		parent := t.TempDir()
		years := filepath.Join(oldFolder(t, parent), "years")
		must(t, os.WriteFile(filepath.Join(years, "2024.csv"), []byte("old"), 0o400))
		must(t, os.Chmod(years, mode))
		p := filepath.Join(t.TempDir(), "acme.zip")
		must(t, os.WriteFile(p, zipOf(t, file("a", "new")), 0o644))
		must(t, replaceWith(t, p, extract.Dir(parent)))
		if err := extract.Sweep(parent); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%v: %v", mode, err)
		}
		kept, err := filepath.Glob(filepath.Join(parent, ".acme.extracting-*", "years"))
		if err != nil || len(kept) != 1 {
			t.Fatalf("%v: there is %q, %v", mode, kept, err)
		}
		must(t, os.Chmod(kept[0], 0o755))
		must(t, extract.Sweep(parent))
		if names := list(t, parent); !slices.Equal(names, []string{"acme"}) {
			t.Errorf("%v: at the next start there is %q", mode, names)
		}
	}
}

// A folder that came meanwhile is what the person wanted to keep: nothing of
// ours stays beside it, neither a lock nor an open file.
func TestSkipLeavesNothingWhenTheFolderCameMeanwhile(t *testing.T) {
	for what, b := range map[string][]byte{"zip": zipOf(t, file("a", "new")), "tar": tarOf(t, &tar.Header{Name: "a", Size: 3})} {
		parent := t.TempDir()
		late := filepath.Join(parent, "acme")
		to := target{DirTarget: extract.Dir(parent), write: func(b []byte) (int, error) { return len(b), os.Mkdir(late, 0o755) }}
		res, err := extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), to, extract.Options{Name: "acme", Clash: download.Skip})
		if err != nil || !res.Skipped || string(res.Location) != late {
			t.Errorf("%s: %+v, %v", what, res, err)
		}
		if names := list(t, parent); !slices.Equal(names, []string{"acme"}) {
			t.Errorf("%s: left behind: %q", what, names)
		}
		assertEmpty(t, late)
		assertNothingOpenIn(t, parent)
	}
}

// assertNothingOpenIn looks for descriptors, where the system lists them.
func assertNothingOpenIn(t *testing.T, dir string) {
	t.Helper()
	open, err := filepath.Glob("/proc/self/fd/*")
	must(t, err)
	for _, fd := range open {
		if p, err := os.Readlink(fd); err == nil && strings.HasPrefix(p, dir) {
			t.Errorf("%s is still open", p)
		}
	}
}
