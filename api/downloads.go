package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

// DownloadCount sums up what devices reported of a backup's file.
type DownloadCount struct {
	Count      int        `json:"count" doc:"completed downloads, on all devices"`
	ThisDevice int        `json:"this_device" doc:"of these, on the device that asks"`
	LastAt     *time.Time `json:"last_at" doc:"when the last one was completed; null without any"`
}

// DownloadEvent is what became of a file on a device.
type DownloadEvent string

// The events of a download.
const (
	DownloadCompleted DownloadEvent = "completed" // it arrived and its SHA-256 was right
	DownloadFailed    DownloadEvent = "failed"    // it did not arrive, for good
	DownloadVerified  DownloadEvent = "verified"  // it was read again and is still right
	DownloadRemoved   DownloadEvent = "removed"   // it is no longer there
)

// NewDownload is the body of POST /v1/backups/{id}/downloads.
type NewDownload struct {
	DeviceID string        `json:"device_id,omitempty" maxLength:"64" doc:"one of the person's devices; the one that asks when absent"`
	Event    DownloadEvent `json:"event" enum:"completed,failed,verified,removed"`
	FileName string        `json:"file_name,omitempty" maxLength:"255" doc:"as it is called on the device"`
	Bytes    int64         `json:"bytes,omitempty" minimum:"0" doc:"size of the file there"`
	SHA256   string        `json:"sha256,omitempty" pattern:"^[0-9a-f]{64}$" doc:"of the file there; required for completed and verified, and then the archive's own"`
	At       time.Time     `json:"at" doc:"when, by the device's clock; the same event of the same instant is recorded once"`
}

// DownloadRecord is what a device reported of a backup's file (requirement
// B10). It outlives the file on the server.
type DownloadRecord struct {
	ID         string        `json:"id" doc:"dwn_ and a ULID"`
	BackupID   string        `json:"backup_id"`
	Event      DownloadEvent `json:"event" doc:"completed, failed, verified or removed"`
	FileName   string        `json:"file_name"`
	Bytes      int64         `json:"bytes"`
	SHA256     string        `json:"sha256"`
	At         time.Time     `json:"at" doc:"by the device's clock"`
	RecordedAt time.Time     `json:"recorded_at" doc:"by the server's clock"`
	User       UserRef       `json:"user"`
	Device     DeviceRef     `json:"device"`
}

// DownloadList is the reply of GET /v1/backups/{id}/downloads: those of all
// devices of the organisation, the last recorded first.
type DownloadList struct {
	Items []DownloadRecord `json:"items"`
}

// RecordDownload reports what became of a backup's file on this device. Doing
// it twice is the same as once.
func (c *Client) RecordDownload(ctx context.Context, backupID string, n NewDownload) (DownloadRecord, error) {
	path, err := idPath(backupID, "/downloads")
	if err != nil {
		return DownloadRecord{}, err
	}
	n.At = n.At.UTC().Truncate(time.Millisecond)
	r, err := c.authorised(ctx, call{method: http.MethodPost, path: path, body: n, retry: retryAlways})
	if err != nil {
		return DownloadRecord{}, err
	}
	return decode(r, checkDownload)
}

// Downloads lists what devices reported of a backup's file.
func (c *Client) Downloads(ctx context.Context, backupID string) ([]DownloadRecord, error) {
	path, err := idPath(backupID, "/downloads")
	if err != nil {
		return nil, err
	}
	r, err := c.authorised(ctx, call{method: http.MethodGet, path: path, retry: retryAlways})
	if err != nil {
		return nil, err
	}
	l, err := decode(r, func(l *DownloadList) error {
		if l.Items == nil || slices.ContainsFunc(l.Items, func(d DownloadRecord) bool { return checkDownload(&d) != nil }) {
			return errors.New("it is not a list of downloads")
		}
		return nil
	})
	return l.Items, err
}

func checkDownload(d *DownloadRecord) error {
	if d.ID == "" || d.Event == "" {
		return errors.New("it is not a download")
	}
	return nil
}
