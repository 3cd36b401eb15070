package core

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/device/ledger"
)

// held is a backup that was made and downloaded.
func held(t *testing.T, c *Core) (api.Backup, download.Copy) {
	t.Helper()
	b := completed(t, c)
	if s := fetched(t, c, b, download.Ask); s.Phase != download.Done {
		t.Fatalf("the download ended as %v: %v", s.Phase, s.Err)
	}
	return b, c.Downloads().Copy(b)
}

func noReport(int64, int64) {}

// forget makes the ledger know nothing of b.
func forget(t *testing.T, c *Core, b api.Backup) {
	t.Helper()
	a := c.current().account
	if err := c.ledger.Remove(a.Server, a.Organisation.ID, b.ID); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOnlyTheFileThatWasDownloadedIsDeleted(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b, have := held(t, c)
	path := string(have.Location)
	if err := c.Downloads().Remove(api.Backup{ID: "bkp_other"}); !errors.Is(err, ErrFileGone) {
		t.Errorf("deleting what never was: %v", err)
	}
	was := read(t, path)
	write(t, path, append([]byte("notes of the person"), was...))
	var changed *FileChangedError
	if err := c.Downloads().Remove(b); !errors.As(err, &changed) || changed.Name != have.Name {
		t.Errorf("deleting a changed file: %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal("another's file was deleted")
	}
	// A link to the very file: what it leads to would stay.
	write(t, filepath.Join(w.root, "elsewhere.zip"), was)
	if err := errors.Join(os.Remove(path), os.Chtimes(filepath.Join(w.root, "elsewhere.zip"), have.At, statTime(t, c, b)),
		os.Symlink(filepath.Join(w.root, "elsewhere.zip"), path)); err != nil {
		t.Fatal(err)
	}
	if err := c.Downloads().Remove(b); !errors.As(err, &changed) {
		t.Errorf("deleting a link: %v", err)
	}
	if err := errors.Join(os.Remove(path), os.Rename(filepath.Join(w.root, "elsewhere.zip"), path)); err != nil {
		t.Fatal(err)
	}
	if err := c.Downloads().Remove(b); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	if got := c.Downloads().Copy(b).State; got != download.CopyGone {
		t.Errorf("a deleted file counts as %v (S15)", got)
	}
	if err := c.Downloads().Remove(b); !errors.Is(err, ErrFileGone) {
		t.Errorf("deleting it twice: %v", err)
	}
	if !c.Downloads().LastVerified().IsZero() {
		t.Error("a deleted copy still counts as verified (B15)")
	}
}

// statTime is the time that the ledger knows of the file of b.
func statTime(t *testing.T, c *Core, b api.Backup) time.Time {
	t.Helper()
	_, r, err := c.downloads.record(b.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r.ModTime
}

func TestVerifyingAFile(t *testing.T) {
	w := newWorld(t)
	clock := &adjustable{now: time.Now()}
	w.clock = clock.time
	c := w.start()
	signInDemo(t, c)
	b, have := held(t, c)
	path := string(have.Location)
	now := clock.time().Add(time.Hour)
	clock.set(now)
	var done, total int64
	got, err := c.Downloads().Verify(t.Context(), b, func(d, n int64) { done, total = d, n })
	if err != nil || !got.VerifiedAt.Equal(now.Truncate(time.Microsecond)) && !got.VerifiedAt.Equal(now) || got.State != download.CopyPresent {
		t.Errorf("a whole file: %+v, %v (B3)", got, err)
	}
	if done == 0 || done != total {
		t.Errorf("the last that was told is %d of %d", done, total)
	}
	if !c.Downloads().LastVerified().Equal(c.Downloads().Copy(b).VerifiedAt) {
		t.Errorf("last verified %v (B15)", c.Downloads().LastVerified())
	}

	// Copied over with another time, it is the same file.
	later := now.Add(48 * time.Hour)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	if c.Downloads().Copy(b).State != download.CopyChanged {
		t.Fatal("another time is not noticed")
	}
	if got, err := c.Downloads().Verify(t.Context(), b, noReport); err != nil || got.State != download.CopyPresent {
		t.Errorf("the same bytes at another time: %+v, %v", got, err)
	}

	// Cancelled, nothing is said of it.
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := c.Downloads().Verify(ended, b, noReport); !errors.Is(err, context.Canceled) || got.VerifiedAt.IsZero() {
		t.Errorf("cancelled: %+v, %v", got, err)
	}

	// One byte of one entry: it is named, and the badge goes.
	content := read(t, path)
	entry := damage(t, content, "staff.csv")
	write(t, path, content)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	got, err = c.Downloads().Verify(t.Context(), b, noReport)
	var damaged *DamagedFileError
	if !errors.As(err, &damaged) || !slices.Equal(damaged.Entries, []string{entry}) || !strings.Contains(Sentence(err), entry) {
		t.Errorf("a damaged file: %v", err)
	}
	if !got.VerifiedAt.IsZero() || !c.Downloads().Copy(b).VerifiedAt.IsZero() || !c.Downloads().LastVerified().IsZero() {
		t.Errorf("a damaged file still counts as verified: %+v", got)
	}

	// No archive at all.
	write(t, path, []byte("<html>sign in</html>"))
	if _, err = c.Downloads().Verify(t.Context(), b, noReport); !errors.As(err, &damaged) || len(damaged.Entries) > 0 {
		t.Errorf("something else: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Downloads().Verify(t.Context(), b, noReport); !errors.Is(err, ErrFileGone) {
		t.Errorf("a deleted file: %v", err)
	}
	if _, err = c.Downloads().Verify(t.Context(), api.Backup{ID: "bkp_other"}, noReport); !errors.Is(err, ErrFileGone) {
		t.Errorf("a file that never was: %v", err)
	}
}

// damage flips a byte in the middle of the packed bytes of an entry of a zip.
func damage(t *testing.T, content []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Name == name {
			at, err := f.DataOffset()
			if err != nil {
				t.Fatal(err)
			}
			content[at+int64(f.CompressedSize64)/2] ^= 0x10
			return name
		}
	}
	t.Fatalf("there is no %s", name)
	return ""
}

func TestAMovedFileIsFoundAgain(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b, have := held(t, c)
	was := read(t, string(have.Location))
	if got, err := c.Downloads().Find(t.Context(), b); err != nil || got.Location != have.Location {
		t.Errorf("where it always was: %+v, %v", got, err)
	}
	if err := os.Remove(string(have.Location)); err != nil {
		t.Fatal(err)
	}
	// Of the same size, and yet not it; and it, but too deep, and as a part.
	other := slices.Clone(was)
	other[len(other)/2] ^= 1
	decoy := filepath.Join(w.downloads, have.Name)
	write(t, decoy, other)
	if err := os.Chtimes(decoy, have.At, have.At.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(w.downloads, "a", "b", "deep.zip"), was)
	write(t, filepath.Join(w.downloads, ".connect-backup-x.part"), was)
	if got, err := c.Downloads().Find(t.Context(), b); err != nil || got.State != download.CopyNone {
		t.Errorf("nowhere: %+v, %v", got, err)
	}
	moved := filepath.Join(w.downloads, "Old things", "renamed.zip")
	write(t, moved, was)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Downloads().Find(ended, b); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	got, err := c.Downloads().Find(t.Context(), b)
	if err != nil || got.State != download.CopyPresent || string(got.Location) != moved || got.Name != "renamed.zip" || got.VerifiedAt.IsZero() {
		t.Errorf("moved and renamed: %+v, %v (B13)", got, err)
	}
	if !got.At.Equal(have.At) {
		t.Errorf("it counts as downloaded at %v, not %v", got.At, have.At)
	}
	if again := c.Downloads().Copy(b); again != got {
		t.Errorf("the ledger says %+v", again)
	}
}

func TestThePickedFileIsTakenIfItIsTheOne(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b, have := held(t, c)
	was := read(t, string(have.Location))
	elsewhere := filepath.Join(w.root, "stick", "mine.zip")
	if err := os.Remove(string(have.Location)); err != nil {
		t.Fatal(err)
	}
	other := slices.Clone(was)
	other[0] ^= 1
	for what, content := range map[string][]byte{"another size": was[1:], "one other byte": other} {
		write(t, elsewhere, content)
		_, err := c.Downloads().Adopt(t.Context(), b, download.Location(elsewhere))
		if !errors.Is(err, download.ErrNotTheFile) || !strings.Contains(Sentence(err), "mine.zip is not the file of this backup") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := c.Downloads().Adopt(t.Context(), b, download.Location(elsewhere+"x")); !errors.Is(err, ErrFileGone) {
		t.Errorf("nothing there: %v", err)
	}
	if c.Downloads().Copy(b).State != download.CopyGone {
		t.Error("another file was taken")
	}
	write(t, elsewhere, was)
	got, err := c.Downloads().Adopt(t.Context(), b, download.Location(elsewhere))
	if err != nil || got.State != download.CopyPresent || string(got.Location) != elsewhere {
		t.Errorf("the file itself: %+v, %v (B13)", got, err)
	}
}

// The server deleted its file and this device forgot it: the manifest still
// says what the file must be.
func TestAFileIsKnownByTheManifestAlone(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b, have := held(t, c)
	gone, err := c.Backups().Delete(t.Context(), b.ID)
	if err != nil || gone.Status != api.StatusDeleted || gone.Archive != nil {
		t.Fatalf("deleted on the server: %+v, %v", gone, err)
	}
	if again, err := c.Backups().Delete(t.Context(), b.ID); err != nil || again.Status != api.StatusDeleted {
		t.Errorf("deleted twice: %+v, %v", again.Status, err)
	}
	forget(t, c, b)
	if got, err := c.Downloads().Find(t.Context(), gone); err != nil || got.Location != have.Location {
		t.Errorf("found %+v, %v", got, err)
	}
	forget(t, c, b)
	if got, err := c.Downloads().Adopt(t.Context(), gone, have.Location); err != nil || got.State != download.CopyPresent {
		t.Errorf("picked: %+v, %v", got, err)
	}
	if _, err := c.Downloads().Verify(t.Context(), gone, noReport); err != nil {
		t.Errorf("verified without the server's file: %v (B3)", err)
	}
	if err := c.Downloads().Remove(gone); err != nil {
		t.Error(err)
	}
}

// Of many copies LastVerified is the latest of those still here.
func TestLastVerified(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	a := signInDemo(t, c)
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	for i, row := range []struct {
		verified time.Time
		there    bool
	}{{day(3), true}, {day(9), false}, {day(5), true}, {time.Time{}, true}} {
		path := filepath.Join(w.downloads, fmt.Sprint(i))
		write(t, path, []byte("x"))
		info, err := c.folder.StatAt(download.Location(path))
		if err != nil {
			t.Fatal(err)
		}
		r := recordOf(a, fmt.Sprint(i), info, "ab")
		r.At, r.VerifiedAt = day(1), row.verified
		if err := c.ledger.Put(r); err != nil {
			t.Fatal(err)
		}
		if !row.there {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.ledger.Put(ledger.Record{Server: "other", Organisation: a.Organisation.ID, BackupID: "9", VerifiedAt: day(20)}); err != nil {
		t.Fatal(err)
	}
	if got := c.Downloads().LastVerified(); !got.Equal(day(5)) {
		t.Errorf("last verified %v, want %v", got, day(5))
	}
}
