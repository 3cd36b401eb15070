package core

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"connectbackup/api/manifest"
	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// witnesses are those that the file keeps its promise to, and those that it
// does not.
func witnesses(v Verification) (kept, broken []Witness) {
	for _, p := range v.Promises {
		if p.Kept {
			kept = append(kept, p.By)
		} else {
			broken = append(broken, p.By)
		}
	}
	return kept, broken
}

// spoil flips a byte of a file's contents and puts its time back: only who
// reads it all will notice.
func spoil(t *testing.T, at download.Location) {
	t.Helper()
	info, err := os.Stat(string(at))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(string(at))
	if err != nil {
		t.Fatal(err)
	}
	const name, header = "staff.csv", 30
	i := header
	for ; string(b[i:i+len(name)]) != name || string(b[i-header:i-header+4]) != "PK\x03\x04"; i++ {
	}
	b[i+len(name)+50] ^= 0x01
	if err := os.WriteFile(string(at), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(string(at), info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
}

// B3: a local zip is verified against the ledger, the server's record, the list
// inside, and every CRC; and the badge follows.
func TestVerifyALocalArchive(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	fetched(t, c, b, download.Ask)
	held := c.Downloads().Copy(b)

	v, err := c.Machine().Verify(t.Context(), held.Location, VerifyOptions{SHA256: b.Archive.SHA256})
	if err != nil {
		t.Fatal(err)
	}
	kept, broken := witnesses(v)
	if !slices.Equal(kept, []Witness{WitnessGiven, WitnessManifest, WitnessLedger}) || len(broken) > 0 {
		t.Errorf("kept %v, broken %v", kept, broken)
	}
	if v.Listed != 5 || len(v.Damaged) > 0 || v.Manifest == nil || v.Manifest.BackupID != b.ID || v.Unrecorded != nil {
		t.Errorf("got %+v", v) // three modules, manifest.json and README.txt
	}
	if again := c.Downloads().Copy(b); !again.VerifiedAt.After(held.VerifiedAt) {
		t.Errorf("verified at %v, before at %v", again.VerifiedAt, held.VerifiedAt)
	}

	// A copy elsewhere, under another name, is known by its contents.
	elsewhere := filepath.Join(w.root, "stick.zip")
	bytes, err := os.ReadFile(string(held.Location))
	if err == nil {
		err = os.WriteFile(elsewhere, bytes, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	v, err = c.Machine().Verify(t.Context(), download.Location(elsewhere), VerifyOptions{})
	if kept, broken := witnesses(v); err != nil || !slices.Equal(kept, []Witness{WitnessManifest, WitnessLedger}) || len(broken) > 0 {
		t.Errorf("elsewhere: kept %v, broken %v, %v", kept, broken, err)
	}

	// One flipped bit takes the badge off, and is named.
	spoil(t, held.Location)
	if c.Downloads().Copy(b).State != download.CopyPresent {
		t.Fatal("a look noticed it; the test wants what only reading notices")
	}
	v, err = c.Machine().Verify(t.Context(), held.Location, VerifyOptions{})
	if kept, broken := witnesses(v); err != nil || len(kept) > 0 || !slices.Equal(broken, []Witness{WitnessManifest, WitnessLedger}) {
		t.Errorf("spoilt: kept %v, broken %v, %v", kept, broken, err)
	}
	if len(v.Damaged) != 1 || v.Damaged[0].Entry != "staff.csv" {
		t.Errorf("spoilt: damaged %+v", v.Damaged)
	}
	if got := c.Downloads().Copy(b); !got.VerifiedAt.IsZero() {
		t.Errorf("it still counts as verified at %v", got.VerifiedAt)
	}
	if p, ok := v.Broken(); !ok || p.By != WitnessManifest {
		t.Errorf("broken is %+v, %v", p, ok)
	}

	if err := os.Remove(string(held.Location)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Machine().Verify(t.Context(), held.Location, VerifyOptions{}); !errors.Is(err, ErrFileGone) {
		t.Errorf("gone: %v", err)
	}
}

// The command has the ledger, and no session.
func TestVerifyFileAsksTheLedger(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	fetched(t, c, b, download.Ask)
	held := c.Downloads().Copy(b)
	paths := PathsIn(w.root, w.downloads)
	verify := func(ctx context.Context, o VerifyOptions) (Verification, error) {
		f, err := os.Open(string(held.Location))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		return VerifyFile(ctx, paths, string(held.Location), f, info.Size(), o)
	}

	// While the app runs, and has the database open.
	server := &manifest.Manifest{ArchiveSHA256: b.Archive.SHA256}
	v, err := verify(t.Context(), VerifyOptions{Manifest: server})
	if kept, broken := witnesses(v); err != nil || v.Unrecorded != nil || !slices.Equal(kept, []Witness{WitnessManifest, WitnessLedger}) || len(broken) > 0 {
		t.Fatalf("kept %v, broken %v, %v, %v", kept, broken, v.Unrecorded, err)
	}
	if p := v.Promises[1]; !p.At.Equal(held.At) {
		t.Errorf("downloaded at %v, the ledger says %v", p.At, held.At)
	}

	// Stopped, it tells the ledger nothing.
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	before := c.Downloads().Copy(b).VerifiedAt
	if _, err := verify(stopped, VerifyOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if got := c.Downloads().Copy(b).VerifiedAt; !got.Equal(before) {
		t.Errorf("stopped, it was noted as verified at %v", got)
	}

	// No longer an archive at all: still not the file that was downloaded.
	if err := os.WriteFile(string(held.Location), []byte("<html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err = verify(t.Context(), VerifyOptions{})
	var fault *extract.Error
	if _, broken := witnesses(v); !errors.As(err, &fault) || fault.Kind != extract.NotAnArchive || !slices.Equal(broken, []Witness{WitnessLedger}) {
		t.Errorf("broken %v, %v, %v", broken, v.Unrecorded, err)
	}

	// Without the app ever having run here there is no ledger, and none is made.
	paths = PathsIn(filepath.Join(w.root, "nobody"), w.downloads)
	v, _ = verify(t.Context(), VerifyOptions{})
	if len(v.Promises) > 0 || v.Unrecorded != nil {
		t.Errorf("got %+v, %v", v.Promises, v.Unrecorded)
	}
	if _, err := os.Stat(paths.Data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it made %s: %v", paths.Data, err)
	}

	// A ledger that cannot be read is told, and stops nothing.
	if err := os.MkdirAll(paths.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(paths.Data, databaseName), []byte(strings.Repeat("rubbish ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err = verify(t.Context(), VerifyOptions{})
	if v.Unrecorded == nil || v.SHA256 == "" || !errors.As(err, &fault) {
		t.Errorf("got %+v, %v, %v", v, v.Unrecorded, err)
	}
}
