package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"connectbackup/api/manifest"
	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/device/ledger"
)

// Witness is who says what SHA-256 a file should have.
type Witness string

// The witnesses.
const (
	WitnessGiven    Witness = "given"    // whoever asks for the check
	WitnessManifest Witness = "manifest" // of the backup, as the server keeps it
	WitnessLedger   Witness = "ledger"   // of what was downloaded here
)

// Promise is the SHA-256 that a file should have.
type Promise struct {
	By     Witness
	SHA256 string    // 64 lower-case hexadecimal digits
	At     time.Time // when it was downloaded here; zero for other witnesses
	Kept   bool
}

// VerifyOptions of a check. The zero value checks against what is known here.
type VerifyOptions struct {
	SHA256   string             // that the file should have; empty: nobody said
	Manifest *manifest.Manifest // as the server gives it; nil: none
	Report   func(extract.Progress)
}

// Verification is what a check of a local archive found (requirement B3).
type Verification struct {
	extract.VerifyResult
	Promises []Promise
	// Unrecorded is why the ledger could not be asked, or not be told; nil
	// when all was well. The check itself holds all the same.
	Unrecorded error
}

// Broken is the first promise that the file does not keep; false when there is
// none.
func (v *Verification) Broken() (Promise, bool) {
	for _, p := range v.Promises {
		if !p.Kept {
			return p, true
		}
	}
	return Promise{}, false
}

// Verify checks a local archive in full: its SHA-256 against every witness
// there is, the server's record too if it answers, and each file in it. The
// ledger notes the outcome. Errors are those of extract.Verify, or ErrFileGone.
func (m *Machine) Verify(ctx context.Context, l download.Location, o VerifyOptions) (v Verification, err error) {
	f, size, err := m.core.folder.Open(l)
	if errors.Is(err, fs.ErrNotExist) {
		return v, fmt.Errorf("%w: %w", ErrFileGone, err)
	}
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	v.VerifyResult, err = extract.Verify(ctx, f, size, o.Report)
	if o.Manifest == nil && v.Manifest != nil {
		o.Manifest = m.manifest(ctx, v.Manifest.BackupID)
	}
	v.witness(o)
	v.askLedger(m.core.ledger, l, m.core.options.Clock(), ctx.Err() == nil)
	return v, err
}

// manifestWait is how long a check waits for the server's record: without a
// network it would be minutes, and the file is checked all the same.
const manifestWait = 10 * time.Second

// manifest is the server's own one; nil when it cannot be had now, or the
// backup is none of this organisation's.
func (m *Machine) manifest(ctx context.Context, id string) *manifest.Manifest {
	client, err := m.core.client()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, manifestWait)
	defer cancel()
	got, err := client.Manifest(ctx, id)
	if err != nil {
		m.core.log.Info("verify without the server's record", "backup", id, "error", err)
		return nil
	}
	return &got
}

// VerifyFile is Machine.Verify for a command: without a session, of any file,
// against the ledger in paths if there is one.
func VerifyFile(ctx context.Context, paths Paths, name string, r io.ReaderAt, size int64, o VerifyOptions) (v Verification, err error) {
	v.VerifyResult, err = extract.Verify(ctx, r, size, o.Report)
	v.witness(o)
	file := filepath.Join(paths.Data, databaseName)
	if _, statErr := os.Stat(file); paths.Data == "" || errors.Is(statErr, fs.ErrNotExist) {
		return v, err // nothing was ever downloaded here
	}
	db, dbErr := openDatabase(file)
	if dbErr != nil {
		v.Unrecorded = dbErr
		return v, err
	}
	defer func() { v.Unrecorded = errors.Join(v.Unrecorded, db.Close()) }()
	known, dbErr := ledger.Open(db.write)
	if dbErr != nil {
		v.Unrecorded = dbErr
		return v, err
	}
	v.askLedger(known, locate(name), time.Now(), ctx.Err() == nil)
	return v, err
}

// locate is the place of a file as the ledger has it: absolute.
func locate(name string) download.Location {
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	return download.Location(name)
}

func (v *Verification) witness(o VerifyOptions) {
	if o.SHA256 != "" {
		v.promise(Promise{By: WitnessGiven, SHA256: o.SHA256})
	}
	if o.Manifest != nil && o.Manifest.ArchiveSHA256 != "" {
		v.promise(Promise{By: WitnessManifest, SHA256: o.Manifest.ArchiveSHA256})
	}
}

func (v *Verification) promise(p Promise) {
	p.Kept = p.SHA256 == v.SHA256
	v.Promises = append(v.Promises, p)
}

// askLedger compares with what was downloaded here: with a file of these bytes,
// wherever it lies now, else with what was put in this place. It notes in the
// ledger whether the file in this place is still the one.
func (v *Verification) askLedger(l *ledger.Ledger, at download.Location, now time.Time, note bool) {
	if v.SHA256 == "" {
		return // it could not be read: nobody can tell
	}
	here, err := l.ByLocation(at)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		v.Unrecorded = err
		return
	}
	same, sameErr := l.BySHA256(v.SHA256)
	switch {
	case sameErr == nil:
		v.promise(Promise{By: WitnessLedger, SHA256: same.SHA256, At: same.At})
	case !errors.Is(sameErr, ledger.ErrNotFound):
		v.Unrecorded = sameErr
		return
	case err == nil:
		v.promise(Promise{By: WitnessLedger, SHA256: here.SHA256, At: here.At})
	}
	if err != nil || !note {
		return
	}
	if here.SHA256 != v.SHA256 {
		now = time.Time{} // no longer verified
	}
	v.Unrecorded = l.Verified(here.Server, here.Organisation, here.BackupID, now)
}
