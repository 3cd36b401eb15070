package core

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/device"
	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/device/ledger"
	"connectbackup/device/shelf"
)

// candidatesMax is how many files of the right size Find reads in full.
const candidatesMax = 20

// record is what the ledger knows of a backup's file, and whose it is.
func (d *Downloads) record(id string) (api.Account, ledger.Record, error) {
	account, ok := d.account()
	if !ok {
		return account, ledger.Record{}, api.ErrSignedOut
	}
	r, err := d.core.ledger.Get(account.Server, account.Organisation.ID, id)
	return account, r, err
}

// Remove deletes this device's copy of b, if it is still the file that was
// downloaded; another one is not the app's to delete: *FileChangedError. The
// ledger goes on knowing that there was one, so that it counts as deleted from
// this device.
func (d *Downloads) Remove(b api.Backup) error {
	account, r, err := d.record(b.ID)
	if errors.Is(err, ledger.ErrNotFound) {
		return join(ErrFileGone, err)
	}
	if err != nil {
		return err
	}
	switch ledger.Check(r, d.core.folder.StatAt) {
	case download.CopyGone:
		return ErrFileGone // moved, perhaps: then it is not deleted
	case download.CopyChanged:
		return &FileChangedError{Name: r.FileName}
	}
	err = d.core.folder.Remove(r.Location)
	if errors.Is(err, fs.ErrNotExist) {
		return join(ErrFileGone, err)
	}
	if errors.Is(err, fs.ErrInvalid) {
		return &FileChangedError{Name: r.FileName} // a link by now
	}
	if err != nil {
		return &FileKeptError{Name: r.FileName, Err: err}
	}
	d.core.outbox.report(account, b.ID, api.DownloadRemoved, fileOf(r), r.SHA256)
	return nil
}

// Verify reads this device's copy of b in full: its SHA-256 against what was
// downloaded and against the server's record, if that can be had, and every
// file in it (requirement B3). report is called from one goroutine at a time
// with bytes. What is not whole is a *DamagedFileError.
func (d *Downloads) Verify(ctx context.Context, b api.Backup, report func(done, total int64)) (download.Copy, error) {
	none := download.Copy{ID: b.ID, State: download.CopyNone}
	account, r, err := d.record(b.ID)
	if errors.Is(err, ledger.ErrNotFound) {
		return none, join(ErrFileGone, err)
	}
	if err != nil {
		return none, err
	}
	info, err := d.core.folder.StatAt(r.Location) // before it is read: what changes meanwhile is noticed
	if err != nil {
		return d.copyOf(r), join(ErrFileGone, err)
	}
	v, err := d.core.Machine().Verify(ctx, r.Location, VerifyOptions{
		SHA256: r.SHA256, Report: func(p extract.Progress) { report(p.Done, p.Total) },
	})
	if v.Unrecorded != nil {
		d.core.log.Error("note in the ledger what a check found", "backup", b.ID, "error", v.Unrecorded)
	}
	if err := faultOf(ctx, r.FileName, v, err); err != nil {
		var damaged *DamagedFileError
		if errors.As(err, &damaged) {
			r.VerifiedAt = time.Time{}
			d.core.reminders.copiesChanged()
			err = errors.Join(err, d.core.ledger.Verified(account.Server, account.Organisation.ID, b.ID, r.VerifiedAt))
		}
		return d.copyOf(r), err
	}
	r.Size, r.ModTime, r.VerifiedAt = info.Size, info.ModTime, d.core.options.Clock()
	if err := d.core.ledger.Put(r); err != nil {
		return d.Copy(b), err
	}
	d.core.outbox.report(account, b.ID, api.DownloadVerified, fileOf(r), r.SHA256)
	return d.Copy(b), nil
}

// fileOf is the file that a record is of.
func fileOf(r ledger.Record) download.Info {
	return download.Info{Name: r.FileName, Size: r.Size, ModTime: r.ModTime, Location: r.Location}
}

// faultOf is what a check says of a file; nil when all is well.
func faultOf(ctx context.Context, name string, v Verification, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	_, broken := v.Broken()
	var archive *extract.Error
	if errors.As(err, &archive) && archive.Kind != extract.Changed && (broken || archive.Kind == extract.Damaged) {
		return &DamagedFileError{Name: name, Err: err}
	}
	if err != nil {
		return err
	}
	if !broken && len(v.Damaged) == 0 {
		return nil
	}
	e := &DamagedFileError{Name: name}
	for _, d := range v.Damaged {
		e.Entries = append(e.Entries, d.Entry)
	}
	return e
}

// fingerprint tells one file from all others.
type fingerprint struct {
	sha256 string
	size   int64
}

// wanted is what the file of b must be: as the server says, or the ledger, or,
// when the server has deleted the file, its manifest.
func (d *Downloads) wanted(ctx context.Context, b api.Backup) (fingerprint, error) {
	if b.Archive != nil {
		return fingerprint{b.Archive.SHA256, b.Archive.Size}, nil
	}
	_, r, err := d.record(b.ID)
	if err == nil {
		return fingerprint{r.SHA256, r.Size}, nil
	}
	if !errors.Is(err, ledger.ErrNotFound) {
		return fingerprint{}, err
	}
	client, err := d.core.client()
	if err != nil {
		return fingerprint{}, err
	}
	m, err := client.Manifest(ctx, b.ID)
	return fingerprint{m.ArchiveSHA256, m.ArchiveSize}, err
}

// Find looks through Downloads for the file of b, which was moved or renamed
// there, and enters it in the ledger (requirement B13). It compares sizes, then
// SHA-256. The State is CopyNone when there is no such file.
func (d *Downloads) Find(ctx context.Context, b api.Backup) (download.Copy, error) {
	none := download.Copy{ID: b.ID, State: download.CopyNone}
	if c := d.Copy(b); c.State == download.CopyPresent {
		return c, nil
	}
	want, err := d.wanted(ctx, b)
	if err != nil {
		return none, err
	}
	files, err := d.core.folder.OfSize(ctx, want.size)
	if err != nil {
		return none, err
	}
	likelyFirst(files, d.FileName(b))
	for _, f := range files[:min(len(files), candidatesMax)] {
		sum, err := d.hash(ctx, f.Location)
		if ctx.Err() != nil {
			return none, ctx.Err()
		}
		if err != nil {
			d.core.log.Info("read a file that may be a backup's", "file", f.Location, "error", err)
			continue
		}
		if sum == want.sha256 {
			return d.takeIn(b, f, sum)
		}
	}
	return none, nil
}

// likelyFirst puts the file of that name first, then the newest.
func likelyFirst(files []download.Info, name string) {
	rank := func(f download.Info) int {
		if f.Name == name {
			return 0
		}
		return 1
	}
	slices.SortFunc(files, func(a, b download.Info) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), b.ModTime.Compare(a.ModTime), cmp.Compare(a.Location, b.Location))
	})
}

// Adopt enters the file that the person picked as the one of b, if it is that
// (requirement B13): else it is an *OtherFileError, which is a
// download.ErrNotTheFile.
func (d *Downloads) Adopt(ctx context.Context, b api.Backup, file download.Location) (download.Copy, error) {
	if !shelf.IsURI(file) {
		file = locate(string(file))
	}
	none := download.Copy{ID: b.ID, State: download.CopyNone}
	info, err := d.core.folder.StatAt(file)
	if errors.Is(err, fs.ErrNotExist) {
		return none, join(ErrFileGone, err)
	}
	if err != nil {
		return none, err
	}
	want, err := d.wanted(ctx, b)
	if err != nil {
		return none, err
	}
	other := &OtherFileError{Name: info.Name}
	if info.Size != want.size {
		return none, other
	}
	sum, err := d.hash(ctx, file)
	if err != nil {
		return none, err
	}
	if sum != want.sha256 {
		return none, other
	}
	if err := device.KeepReading(file); err != nil { // then it counts as gone after the next start
		d.core.log.Warn("keep the right to read a picked file", "error", err)
	}
	return d.takeIn(b, info, sum)
}

// takeIn enters a file whose SHA-256 was just found to be that of b. A file that
// was here before keeps its day.
func (d *Downloads) takeIn(b api.Backup, f download.Info, sum string) (download.Copy, error) {
	none := download.Copy{ID: b.ID, State: download.CopyNone}
	account, known, err := d.record(b.ID)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return none, err
	}
	now := d.core.options.Clock()
	at := now
	if err == nil && known.SHA256 == sum {
		at = known.At
	}
	r := recordOf(account, b.ID, f, sum)
	r.At, r.VerifiedAt = at, now
	if err := d.core.ledger.Put(r); err != nil {
		return none, err
	}
	d.core.outbox.report(account, b.ID, api.DownloadVerified, f, sum)
	return d.Copy(b), nil
}

// LastVerified is when a copy that is still here was last verified; zero: never
// (requirement B15).
func (d *Downloads) LastVerified() time.Time {
	var last time.Time
	for _, c := range d.Copies() {
		if c.State == download.CopyPresent && c.VerifiedAt.After(last) {
			last = c.VerifiedAt
		}
	}
	return last
}

// hash is the SHA-256 of a file on this device.
func (d *Downloads) hash(ctx context.Context, l download.Location) (sum string, err error) {
	f, size, err := d.core.folder.Open(l)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, contextReader{ctx, io.NewSectionReader(f, 0, size)}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}
