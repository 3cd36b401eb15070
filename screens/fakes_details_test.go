package screens

import (
	"context"
	"errors"
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/device/download"
)

// deeds is what the world has for one backup and for the form.
type deeds struct {
	after     func(time.Duration) <-chan time.Time // nil: at once
	estimates []api.EstimateRequest                // what was asked
	estimate  func(ctx context.Context, e api.EstimateRequest) (api.Estimate, error)

	holdGet   chan struct{}             // Get waits for it
	kept      *api.Snapshot[api.Backup] // the offline copy of a backup
	holders   map[string][]api.DownloadRecord
	holdErr   error // the server does not say who holds a file
	renames   []string
	renameErr error
	deletes   []string
	deleteErr error
	removes   []string
	removeErr error
	verify    func(ctx context.Context, report func(done, total int64)) (download.Copy, error)
	find      func(ctx context.Context) (download.Copy, error)
	adopts    []download.Location
	adoptErr  error
}

// passes is a while that has passed already.
func passes(time.Duration) <-chan time.Time {
	c := make(chan time.Time)
	close(c)
	return c
}

func (w *world) pass(d time.Duration) <-chan time.Time {
	if w.after == nil {
		return passes(d)
	}
	return w.after(d)
}

// someRecords is an estimate of what was asked: a thousandth of it overlaps
// with nothing.
func someRecords(modules []api.Module, e api.EstimateRequest) api.Estimate {
	got := api.Estimate{Modules: []api.ModuleEstimate{}, Overlaps: []api.Overlap{}}
	for _, m := range modules {
		if slices.Contains(e.Modules, m.Key) {
			got.Records += m.Records
		}
	}
	got.Bytes, got.ArchiveBytes = got.Records*1200, got.Records*250
	return got
}

// awaited is what Get has to say before the server does: the offline copy,
// after what holds it up.
func (f fakeBackups) awaited(ctx context.Context) (api.Snapshot[api.Backup], bool) {
	if f.holdGet != nil {
		select {
		case <-f.holdGet:
		case <-ctx.Done():
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept == nil {
		return api.Snapshot[api.Backup]{}, false
	}
	return *f.kept, true
}

func (f fakeBackups) Estimate(ctx context.Context, e api.EstimateRequest) (api.Estimate, error) {
	f.mu.Lock()
	f.estimates = append(f.estimates, e)
	answer, modules := f.estimate, f.modules
	f.mu.Unlock()
	if answer != nil {
		return answer(ctx, e)
	}
	return someRecords(modules, e), nil
}

func (f fakeBackups) Rename(_ context.Context, known api.Backup, title string) (api.Backup, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.renames = append(f.renames, known.Title+" -> "+title)
	if f.renameErr != nil {
		return api.Backup{}, f.renameErr
	}
	for i, b := range f.items {
		switch {
		case b.ID != known.ID:
		case b.Title != known.Title:
			return api.Backup{}, problem(api.CodePreconditionFailed, 412)
		default:
			f.items[i].Title = title
			return f.items[i], nil
		}
	}
	return api.Backup{}, problem(api.CodeNotFound, 404)
}

func (f fakeBackups) Delete(_ context.Context, id string) (api.Backup, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deletes = append(f.deletes, id)
	if f.deleteErr != nil {
		return api.Backup{}, f.deleteErr
	}
	for i, b := range f.items {
		if b.ID == id {
			now := f.now
			b.Status, b.DeletedAt, b.Archive, b.ExpiresAt = api.StatusDeleted, &now, nil, nil
			f.items[i] = b
			return b, nil
		}
	}
	return api.Backup{}, problem(api.CodeNotFound, 404)
}

func (f fakeBackups) Holders(_ context.Context, id string) ([]api.DownloadRecord, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.holders[id], f.holdErr
}

func (f fakeDownloads) Remove(b api.Backup) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removes = append(f.removes, b.ID)
	if f.removeErr == nil {
		delete(f.copies, b.ID)
	}
	return f.removeErr
}

func (f fakeDownloads) Verify(ctx context.Context, b api.Backup, report func(done, total int64)) (download.Copy, error) {
	if f.verify != nil {
		return f.verify(ctx, report)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.copies[b.ID]
	c.State, c.VerifiedAt = download.CopyPresent, f.now
	f.copies[b.ID] = c
	return c, nil
}

func (f fakeDownloads) Find(ctx context.Context, b api.Backup) (download.Copy, error) {
	if f.find == nil {
		return download.Copy{ID: b.ID}, nil
	}
	c, err := f.find(ctx)
	if err == nil {
		f.change(func() { f.copies[b.ID] = c })
	}
	return c, err
}

func (f fakeDownloads) Adopt(_ context.Context, b api.Backup, file download.Location) (download.Copy, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.adopts = append(f.adopts, file)
	if f.adoptErr != nil {
		return download.Copy{}, f.adoptErr
	}
	c := copyOf(b, download.CopyPresent)
	c.Location = file
	f.copies[b.ID] = c
	return c, nil
}

// onDevice is what a device said last of a file.
func onDevice(name string, event api.DownloadEvent, at time.Time) api.DownloadRecord {
	return api.DownloadRecord{
		ID: "dwn_" + name, Event: event, At: at, RecordedAt: at,
		Device: api.DeviceRef{ID: "dev_" + name, Name: name, Platform: "android"},
	}
}

// onTwoDevices is a file that is on two other devices.
func onTwoDevices() []api.DownloadRecord {
	return []api.DownloadRecord{
		onDevice("Pixel 8", api.DownloadCompleted, time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)),
		onDevice("Notebook of Bea", api.DownloadVerified, time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC)),
	}
}

var errDisk = errors.New("the disk is broken")
