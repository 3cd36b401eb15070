package core

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/device/ledger"
)

// demoPrefix begins the names of files from the demo, so that nobody takes
// made-up records for the only copy of real ones.
const demoPrefix = "demo-"

// Downloads is the download service: the engine, what it finished (the
// ledger), and the notification at the end.
type Downloads struct{ core *Core }

func newDownloads(c *Core) *Downloads { return &Downloads{core: c} }

// FileName is what the archive of b is called on this device.
func (d *Downloads) FileName(b api.Backup) string {
	if b.Archive == nil {
		return ""
	}
	name := download.SafeName(b.Archive.FileName)
	if s := d.core.current(); s != nil && s.account.Demo && !strings.HasPrefix(name, demoPrefix) {
		name = demoPrefix + name
	}
	return name
}

// Start downloads the archive of b. A file of that name that is already there
// is a *download.ExistsError unless clash answers the question; when it turns
// out to be this very archive it is entered in the ledger first.
func (d *Downloads) Start(b api.Backup, clash download.Clash) error {
	if !b.Downloadable() {
		return download.ErrNotReady
	}
	err := d.core.manager.Start(download.Request{
		ID: b.ID, Name: d.FileName(b), Size: b.Archive.Size,
		SHA256: b.Archive.SHA256, ETag: b.Archive.ETag(), Clash: clash,
	})
	var exists *download.ExistsError
	if errors.As(err, &exists) {
		d.adopt(b, exists)
	}
	return err
}

// Pause stops a download; what has come stays.
func (d *Downloads) Pause(id string) error { return d.core.manager.Pause(id) }

// Resume goes on where a paused or failed download was.
func (d *Downloads) Resume(id string) error { return d.core.manager.Resume(id) }

// Cancel stops a download and removes what has come.
func (d *Downloads) Cancel(id string) error { return d.core.manager.Cancel(id) }

// State is the download of that backup.
func (d *Downloads) State(id string) download.State { return d.core.manager.State(id) }

// Subscribe calls f, on any goroutine, as the engine's Manager does.
func (d *Downloads) Subscribe(f func(download.State)) (cancel func()) {
	return d.core.manager.Subscribe(f)
}

// Active reports whether a download is under way.
func (d *Downloads) Active() bool {
	for _, s := range d.core.manager.States() {
		if s.Phase.Active() {
			return true
		}
	}
	return false
}

// Copy is what this device holds of b. The file is looked at (size and time),
// not read.
func (d *Downloads) Copy(b api.Backup) download.Copy {
	none := download.Copy{ID: b.ID, State: download.CopyNone}
	account, ok := d.account()
	if !ok {
		return none
	}
	r, err := d.core.ledger.Get(account.Server, account.Organisation.ID, b.ID)
	if errors.Is(err, ledger.ErrNotFound) {
		return none
	}
	if err != nil {
		d.core.log.Error("read the ledger", "backup", b.ID, "error", err)
		return none
	}
	return d.copyOf(r)
}

// Copies is what this device holds of any backup of the signed-in
// organisation, the newest first, without those that are gone.
func (d *Downloads) Copies() []download.Copy {
	account, ok := d.account()
	if !ok {
		return nil
	}
	records, err := d.core.ledger.List(account.Server, account.Organisation.ID)
	if err != nil {
		d.core.log.Error("read the ledger", "error", err)
		return nil
	}
	var copies []download.Copy
	for _, r := range records {
		if c := d.copyOf(r); c.State != download.CopyGone {
			copies = append(copies, c)
		}
	}
	return copies
}

// copyOf looks at the file of a record.
func (d *Downloads) copyOf(r ledger.Record) download.Copy {
	return download.Copy{
		ID: r.BackupID, State: ledger.Check(r, d.core.folder.StatAt), Name: r.FileName, Location: r.Location,
		Size: r.Size, SHA256: r.SHA256, At: r.At, VerifiedAt: r.VerifiedAt,
	}
}

// finished enters a finished download in the ledger. It runs before the
// download counts as done: what is shown as saved is written down as saved.
func (d *Downloads) finished(r download.Result) error {
	account, ok := d.account()
	if !ok {
		return api.ErrSignedOut
	}
	info, err := d.core.folder.StatAt(r.Location)
	if err != nil {
		return fmt.Errorf("look at the finished file: %w", err)
	}
	info.Name = r.FinalName
	entry := recordOf(account, r.ID, info, r.SHA256)
	entry.At = d.core.options.Clock()
	entry.VerifiedAt = entry.At
	if err := d.core.ledger.Put(entry); err != nil {
		return err
	}
	d.core.outbox.report(account, r.ID, api.DownloadCompleted, info, r.SHA256)
	return nil
}

// recordOf is a record of a file, without its times.
func recordOf(a api.Account, id string, f download.Info, sum string) ledger.Record {
	return ledger.Record{
		Server: a.Server, Organisation: a.Organisation.ID, BackupID: id,
		FileName: f.Name, Location: f.Location, Size: f.Size, ModTime: f.ModTime, SHA256: sum,
	}
}

// adopt looks whether an unknown file of the archive's name is the archive
// itself, fetched by a browser or before the app was installed anew, and then
// enters it in the ledger. A failure changes nothing: the question is asked.
func (d *Downloads) adopt(b api.Backup, exists *download.ExistsError) {
	if d.Copy(b).State == download.CopyPresent {
		return
	}
	info, err := d.core.folder.Stat(exists.Name)
	if err != nil || info.Size != b.Archive.Size {
		return
	}
	sum, err := d.hash(d.core.ctx, exists.Location)
	if err != nil || sum != b.Archive.SHA256 {
		return
	}
	if _, err := d.takeIn(b, info, sum); err != nil {
		d.core.log.Error("enter a file that was already here", "file", exists.Name, "error", err)
	}
}

// account is whose downloads these are. Unfinished ones of a session are
// discarded when it ends, so it is always the one signed in, or, when that
// could not be restored, the one of the settings.
func (d *Downloads) account() (api.Account, bool) {
	if s := d.core.current(); s != nil {
		return s.account, true
	}
	if a := d.core.settings.get().Account; a != nil {
		return *a, true
	}
	return api.Account{}, false
}

// follow keeps what shows progress outside the window up to date, and tells the
// person and the server when a download has ended.
func (d *Downloads) follow() {
	var mu sync.Mutex
	last := map[string]download.Phase{}
	d.core.manager.Subscribe(func(s download.State) {
		if d.core.progress != nil {
			d.core.progress.hear(s)
		}
		mu.Lock()
		news := last[s.ID] != s.Phase
		last[s.ID] = s.Phase
		mu.Unlock()
		if !news {
			return
		}
		d.core.screen.settle()
		switch s.Phase {
		case download.Failed:
			d.reportFailure(s)
			d.core.announceDownload(s)
		case download.Done:
			d.core.announceDownload(s)
		}
	})
}

// reportFailure tells the server that a file did not arrive. One that only
// waits for the person to sign in goes on by itself.
func (d *Downloads) reportFailure(s download.State) {
	if account, ok := d.account(); ok && !errors.Is(s.Err, download.ErrAuthExpired) {
		d.core.outbox.report(account, s.ID, api.DownloadFailed, download.Info{Name: s.Name, Size: s.Done}, "")
	}
}
