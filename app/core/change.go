package core

import (
	"context"
	"slices"

	"connectbackup/api"
)

// Estimate asks what a backup would hold, without making it (requirement B11).
func (b *Backups) Estimate(ctx context.Context, e api.EstimateRequest) (api.Estimate, error) {
	s := b.core.current()
	if s == nil {
		return api.Estimate{}, api.ErrSignedOut
	}
	return s.client.Estimate(ctx, e)
}

// Rename gives a backup another title, if it is still called as known says;
// otherwise it is a problem with api.CodePreconditionFailed.
func (b *Backups) Rename(ctx context.Context, known api.Backup, title string) (api.Backup, error) {
	s := b.core.current()
	if s == nil {
		return api.Backup{}, api.ErrSignedOut
	}
	backup, err := s.client.SetTitle(ctx, known, title)
	if err != nil {
		return api.Backup{}, err
	}
	return b.fresh(s, backup).Value, nil
}

// Delete deletes the file of a backup from the server; copies on devices stay.
// It returns the backup as it is then.
func (b *Backups) Delete(ctx context.Context, id string) (api.Backup, error) {
	s := b.core.current()
	if s == nil {
		return api.Backup{}, api.ErrSignedOut
	}
	if err := s.client.DeleteBackup(ctx, id); err != nil {
		return api.Backup{}, err
	}
	// A lost reply here is no failure of what was asked for, and yet the
	// person has to see what became of it: asking once more does no harm.
	backup, err := s.client.Backup(ctx, id)
	if err != nil {
		return api.Backup{}, err
	}
	return b.fresh(s, backup).Value, nil
}

// Holders tells which devices hold the file of a backup: for each the last that
// it said of it, the newest first (requirement B10).
func (b *Backups) Holders(ctx context.Context, id string) ([]api.DownloadRecord, error) {
	s := b.core.current()
	if s == nil {
		return nil, api.ErrSignedOut
	}
	records, err := s.client.Downloads(ctx, id)
	if err != nil {
		return nil, err
	}
	return holders(records), nil
}

// holders are the last records of those devices that hold the file, the newest
// first. A download that failed says nothing of a file that was there before
// it: that one stays until the new one is whole.
func holders(records []api.DownloadRecord) []api.DownloadRecord {
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b api.DownloadRecord) int { return b.RecordedAt.Compare(a.RecordedAt) })
	seen := map[string]bool{}
	held := records[:0]
	for _, r := range records {
		if seen[r.Device.ID] || r.Event == api.DownloadFailed {
			continue
		}
		seen[r.Device.ID] = true
		if r.Event == api.DownloadCompleted || r.Event == api.DownloadVerified {
			held = append(held, r)
		}
	}
	return held
}

// Devices are the machines on which the person is signed in, the last seen
// first.
func (s *Sessions) Devices(ctx context.Context) ([]api.SignedInDevice, error) {
	client, err := s.core.client()
	if err != nil {
		return nil, err
	}
	return client.Devices(ctx)
}

// SignOutDevice ends every session of a device. Files that lie there stay.
func (s *Sessions) SignOutDevice(ctx context.Context, id string) error {
	client, err := s.core.client()
	if err != nil {
		return err
	}
	return client.RemoveDevice(ctx, id)
}
