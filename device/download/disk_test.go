package download_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"connectbackup/device"
	"connectbackup/device/download"
)

// resumesWithoutFetching downloads again after a failure at the very end: what
// was there is given its name, and nothing is asked for.
func resumesWithoutFetching(t *testing.T, dir *folder, f file) {
	t.Helper()
	s := good(f)
	res, err := fetch(t, s, dir, f.request())
	if err != nil || len(s.asks()) != 0 || res.Resumed != int64(len(f.data)) || res.NewFetched != 0 {
		t.Fatalf("again: %+v, %v, asked %v", res, err, s.asks())
	}
	dir.holds(t, map[string][]byte{"acme.zip": f.data})
}

// noFile checks that nothing was published, and that the part is kept.
func noFile(t *testing.T, dir *folder) {
	t.Helper()
	if _, err := dir.Stat("acme.zip"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("published: %v", err)
	}
	dir.hidden(t, ".part")
	dir.hidden(t, ".journal")
}

// The disk fills up in the moment the file gets its name. What has come is
// kept, and needs no room of its own once there is a little again.
func TestD41_FullAtTheRename(t *testing.T) {
	f, dir := randomFile(size), newFolder(t)
	dir.publish = func() error { return &os.LinkError{Op: "rename", Err: syscall.ENOSPC} }
	if _, err := fetch(t, good(f), dir, f.request()); !as[*download.SpaceError](err) {
		t.Fatal(err)
	}
	noFile(t, dir)
	dir.publish = nil
	dir.free = func() (int64, error) { return 4096, nil } // far less than the reserve, but nothing is to come
	resumesWithoutFetching(t, dir, f)
}

// A quota is a full disk for this person: found while writing, syncing, and
// saving the journal.
func TestD42_Quota(t *testing.T) {
	quota := &os.PathError{Op: "write", Path: "x", Err: syscall.EDQUOT}
	f := randomFile(size)
	for name, limit := range map[string]func(*folder){
		"of bytes": func(dir *folder) {
			dir.write = func(at int64, _ int) error {
				if at >= 1<<20 {
					return quota
				}
				return nil
			}
		},
		"found late":   func(dir *folder) { dir.sync = func() error { return quota } },
		"of files":     func(dir *folder) { dir.journal = func() error { return quota } },
		"at the end":   func(dir *folder) { dir.publish = func() error { return quota } },
		"as the space": func(dir *folder) { dir.free = func() (int64, error) { return 1 << 20, nil } },
	} {
		t.Run(name, func(t *testing.T) {
			dir, s := newFolder(t), faulty(f, stalls(2<<20)) // so that only the disk can end it
			if name == "at the end" {
				s = good(f)
			}
			limit(dir)
			if _, err := fetch(t, s, dir, f.request()); !as[*download.SpaceError](err) {
				t.Fatal(err)
			}
			if _, err := dir.Stat("acme.zip"); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("published: %v", err)
			}
			dir.write, dir.sync, dir.journal, dir.publish, dir.free = nil, nil, nil, nil, nil
			if _, err := fetch(t, good(f), dir, f.request()); err != nil {
				t.Fatal(err)
			}
			dir.holds(t, map[string][]byte{"acme.zip": f.data})
		})
	}
}

// The folder is taken away in the middle of a download: deleted, or closed to
// this user. Nothing is published, the error names the folder, and once that
// is mended the download goes through.
func TestD43_FolderRevokedMidway(t *testing.T) {
	f := randomFile(size)
	t.Run("deleted", func(t *testing.T) {
		dir := newFolder(t)
		base := dir.dir
		dir.write = func(at int64, _ int) error {
			if at < 1<<20 {
				return nil
			}
			// In one step: the engine may be writing its journal.
			gone := base + " gone"
			if err := os.Rename(base, gone); !errors.Is(err, os.ErrNotExist) {
				return errors.Join(err, os.RemoveAll(gone))
			}
			return nil
		}
		_, err := fetch(t, good(f), dir, f.request())
		var fault *download.FolderError
		if !errors.As(err, &fault) || !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%v", err)
		}
		dir.write = nil
		if _, err := fetch(t, good(f), dir, f.request()); err != nil {
			t.Fatal(err)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
	t.Run("closed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			dir := newFolder(t)
			closed := time.Now().Add(3 * time.Second)
			dir.journal = func() error {
				if time.Now().After(closed) {
					return &os.PathError{Op: "open", Path: dir.dir, Err: os.ErrPermission}
				}
				return nil
			}
			_, err := fetch(t, throttled(f, 100_000), dir, f.request())
			var fault *download.FolderError
			if !errors.As(err, &fault) || !errors.Is(err, os.ErrPermission) || fault.Path != dir.dir {
				t.Fatalf("%v", err)
			}
			noFile(t, dir)
			dir.journal = nil
			if _, err := fetch(t, good(f), dir, f.request()); err != nil {
				t.Fatal(err)
			}
			dir.holds(t, map[string][]byte{"acme.zip": f.data})
		})
	})
}

// A folder whose parts lie on another file system than the name they get: it
// cannot rename. That is said, and nothing is lost.
func TestD45_TargetOnAnotherFileSystem(t *testing.T) {
	f, dir := randomFile(size), newFolder(t)
	dir.publish = func() error {
		return &os.LinkError{Op: "rename", Old: "part", New: "acme.zip", Err: syscall.EXDEV}
	}
	_, err := fetch(t, good(f), dir, f.request())
	var fault *download.FolderError
	if !errors.As(err, &fault) || fault.Op != "rename" || !errors.Is(err, syscall.EXDEV) {
		t.Fatalf("%v", err)
	}
	noFile(t, dir)
	dir.publish = nil
	resumesWithoutFetching(t, dir, f)
}

// A disk that holds no file above 4 GiB is not full: the error says what it is,
// and what could never become a file there does not stay.
func TestD46_FileSystemWithALimit(t *testing.T) {
	f, dir := randomFile(size), newFolder(t)
	dir.write = func(at int64, n int) error {
		if at+int64(n) > 2<<20 {
			return &os.PathError{Op: "write", Path: "x", Err: syscall.EFBIG}
		}
		return nil
	}
	_, err := fetch(t, good(f), dir, f.request())
	if !errors.Is(err, download.ErrTooBig) || as[*download.SpaceError](err) {
		t.Fatalf("%v", err)
	}
	dir.holds(t, map[string][]byte{})
}

// Windows refuses to rename what a virus scanner has open. The Folder tries
// for a while; if that is not enough the download fails with a typed error,
// and the next try needs no byte from the network.
func TestD47_SharingViolationAtTheRename(t *testing.T) {
	const sharingViolation = syscall.Errno(32)
	f, dir := randomFile(size), newFolder(t)
	dir.publish = func() error {
		return &os.LinkError{Op: "rename", Old: "part", New: "acme.zip", Err: sharingViolation}
	}
	for range 2 {
		_, err := fetch(t, good(f), dir, f.request())
		var fault *download.FolderError
		if !errors.As(err, &fault) || fault.Op != "rename" || !errors.Is(err, sharingViolation) {
			t.Fatalf("%v", err)
		}
		noFile(t, dir)
	}
	dir.publish = nil
	resumesWithoutFetching(t, dir, f)
}

// copying is a Folder as MediaStore is one: parts lie in the app's own storage,
// and publishing copies them to where people see them, which takes time and
// may break off.
type copying struct {
	*folder        // parts and journals
	shown   string // what people see
	fail    func(copied int64) error
}

func (c *copying) Stat(name string) (download.Info, error) {
	info, err := os.Stat(filepath.Join(c.shown, name))
	if err != nil {
		return download.Info{}, err
	}
	return download.Info{Name: name, Size: info.Size(), ModTime: info.ModTime(), Location: download.Location("content://downloads/" + name)}, nil
}

func (c *copying) Publish(key, name string, clash download.Clash) (download.Info, error) {
	if _, err := c.Stat(name); err == nil && clash != download.Replace {
		return download.Info{}, &download.ExistsError{Name: name}
	}
	p, err := c.Folder.OpenPart(key)
	if err != nil {
		return download.Info{}, err
	}
	size, err := p.Size()
	if err == nil {
		err = c.copy(io.NewSectionReader(p, 0, size), filepath.Join(c.shown, name))
	}
	if err := errors.Join(err, p.Close()); err != nil {
		return download.Info{}, err
	}
	if err := c.Discard(key); err != nil {
		return download.Info{}, err
	}
	return c.Stat(name)
}

// copy writes to a pending entry, which nobody sees, and shows it in the end.
func (c *copying) copy(from io.Reader, to string) error {
	pending, err := os.Create(to + ".pending")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(pending.Name()) }()
	var n int64
	for err == nil {
		var m int64
		m, err = io.CopyN(pending, from, 64<<10)
		n += m
		if c.fail != nil && err == nil {
			err = c.fail(n)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err := errors.Join(err, pending.Close()); err != nil {
		return err
	}
	return os.Rename(pending.Name(), to)
}

func TestD48_FolderThatPublishesByCopying(t *testing.T) {
	f := randomFile(size)
	c := &copying{folder: newFolder(t), shown: t.TempDir()}
	c.fail = func(copied int64) error {
		if copied > 1<<20 {
			return syscall.ENOSPC
		}
		return nil
	}
	shows := func(want ...string) {
		t.Helper()
		entries, err := os.ReadDir(c.shown)
		must(t, err)
		var got []string
		for _, e := range entries {
			got = append(got, e.Name())
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("people see %v, want %v", got, want)
		}
	}
	if _, err := fetch(t, good(f), c, f.request()); !as[*download.SpaceError](err) {
		t.Fatal(err)
	}
	shows()
	c.fail = nil
	s := good(f)
	res, err := fetch(t, s, c, f.request())
	if err != nil || len(s.asks()) != 0 || res.Location != "content://downloads/acme.zip" {
		t.Fatalf("%+v, %v, asked %v", res, err, s.asks())
	}
	shows("acme.zip")
	c.holds(t, map[string][]byte{})
	if got := digest(read(t, filepath.Join(c.shown, "acme.zip"))); got != digest(f.data) {
		t.Error("the copy is wrong")
	}
	if _, err := fetch(t, good(f), c, f.request()); !as[*download.ExistsError](err) {
		t.Errorf("again: %v", err)
	}
}

// The device's clock may be wrong by years, at the beginning or from one day to
// the next: what was begun goes on, in its order, and no wait grows by it.
func TestD30_ClockOfTheDevice(t *testing.T) {
	const decade = 10 * 365 * 24 * time.Hour
	f := randomFile(size)
	for _, off := range []time.Duration{-decade, decade} {
		t.Run(off.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := interrupted(t, f, 1<<20, f.request())
				key := keyOfPath(dir.hidden(t, ".journal"))
				b, err := dir.LoadJournal(key)
				must(t, err)
				must(t, dir.SaveJournal(key, download.Began(t, b, time.Now().Add(off))))
				for _, name := range []string{".part", ".journal"} {
					must(t, os.Chtimes(dir.hidden(t, name), time.Now().Add(-off), time.Now().Add(-off)))
				}
				s := throttled(f, 100_000)
				m, w := manager(t, download.Config{Source: s, Folder: device.OpenFolder(dir.dir)})
				must(t, m.Restore())
				must(t, m.Resume("backup-1"))
				later := f.request()
				later.ID, later.Name = "later", "later.zip"
				must(t, m.Start(later))
				pass(5050 * time.Millisecond)
				if st := m.State("backup-1"); st.Phase != download.Running || st.Rate < 60_000 || st.Rate > 120_000 || st.Left <= 0 || st.Left > time.Minute {
					t.Errorf("%+v", st)
				}
				pass(time.Minute)
				checkProgress(t, w.only("backup-1"))
				froms := map[int64]int{} // which of the two asks first is not told
				for _, a := range s.asks() {
					froms[a.from]++
				}
				if !maps.Equal(froms, map[int64]int{0: 1, 1 << 20: 1}) {
					t.Errorf("asked %v", s.asks())
				}
				dir.holds(t, map[string][]byte{"acme.zip": f.data, "later.zip": f.data})
			})
		})
	}
}

// The machine sleeps for a night in the middle of a download. No timer runs
// meanwhile; when it wakes up the connection is dead without a word, and the
// download goes on where it was.
func TestD30_Suspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, dir := randomFile(size), newFolder(t)
		s := faulty(f, stalls(1<<20), fails(errReset))
		began := time.Now()
		res, err := fetch(t, s, dir, f.request())
		if err != nil || res.NewFetched != size || s.asks()[1].from != 1<<20 {
			t.Fatalf("%+v, %v, asked %v", res, err, s.asks())
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("took %v after waking up", took)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
	})
}

// A digest that never matches is an error after one full retry; the file the
// server has is not touched by that.
func TestD33_DigestMismatch(t *testing.T) {
	f, dir := randomFile(size), newFolder(t)
	r := f.request()
	r.SHA256 = digest([]byte("another file"))
	s := good(f)
	_, err := fetch(t, s, dir, r)
	var damaged *download.DamagedError
	if !errors.As(err, &damaged) || damaged.WantSHA256 != r.SHA256 || damaged.SHA256 != digest(f.data) || damaged.GotSize != size {
		t.Fatalf("%#v", err)
	}
	if got := fmt.Sprint(s.asks()); got != fmt.Sprint([]ask{{0, ""}, {0, ""}}) {
		t.Errorf("asked %v", got)
	}
	dir.holds(t, map[string][]byte{})
}

// One flipped byte in the range of one of several connections is found, and
// never gets into the file.
func TestD34_FlippedByteInOneRange(t *testing.T) {
	f := randomFile(size)
	for at := range []int{0, 1, 2} {
		harmed := []fault{cut(1<<20, errReset), cut(1<<20, errReset), changes(func(*download.Body) {})}
		harmed[at] = func(next fault) fault {
			return func(ctx context.Context, from int64, b download.Body) (download.Body, error) {
				b, err := flipped(f, int(from)+1000)(ctx, from, b)
				if err != nil {
					return b, err
				}
				return next(ctx, from, b)
			}
		}(harmed[at])
		dir, s := newFolder(t), faulty(f, harmed...)
		if _, err := fetch(t, s, dir, f.request()); err != nil {
			t.Fatal(err)
		}
		dir.holds(t, map[string][]byte{"acme.zip": f.data})
		if asks := s.asks(); len(asks) != 4 || asks[3].from != 0 {
			t.Errorf("asked %v", asks)
		}
	}
}

// A server whose file has another size than the list said: a typed error that
// names both, after one retry.
func TestD37_SizeDiffersFromTheList(t *testing.T) {
	for _, has := range []int{0, 1, size - 1, size + 1, 2 * size} {
		f, dir := randomFile(has), newFolder(t)
		r := f.request()
		r.Size = size
		s := good(f)
		_, err := fetch(t, s, dir, r)
		var damaged *download.DamagedError
		if !errors.As(err, &damaged) || damaged.WantSize != size || damaged.GotSize != int64(has) || len(s.asks()) != 2 {
			t.Errorf("%d bytes: %v, asked %v", has, err, s.asks())
		}
		dir.holds(t, map[string][]byte{})
	}
}
