package server

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"connectbackup/api"
)

// reportsPerMinute bounds how many downloads one user reports.
const reportsPerMinute = 120

type downloadInput struct {
	ID   string `path:"id" maxLength:"128"`
	Body api.NewDownload
}

type downloadOutput struct{ Body api.DownloadRecord }

// recordDownload keeps what a device says of a file (B10). The same event of
// the same instant is kept once, so that a lost reply does no harm.
func (s *Server) recordDownload(ctx context.Context, in *downloadInput) (*downloadOutput, error) {
	who := whoIs(ctx)
	if err := who.need(api.PermissionDownload); err != nil {
		return nil, err
	}
	b, err := s.find(ctx, who.orgID, in.ID)
	if err != nil {
		return nil, err
	}
	if wait := s.reports.take(who.user.ID); wait > 0 {
		f := problem(http.StatusTooManyRequests, api.CodeRateLimited, "Too many downloads were reported. Wait a little.")
		return nil, f.retryAfter(wait)
	}
	device, err := s.deviceOf(ctx, who, in.Body.DeviceID)
	if err != nil {
		return nil, err
	}
	if err := s.checkDownload(ctx, b, in.Body); err != nil {
		return nil, err
	}
	now := instant(millis(s.clock()))
	n := in.Body
	_, err = s.exec(ctx, `INSERT INTO downloads (public_id, backup_id, user_id, device_id, device_name, device_platform,
		event, file_name, bytes, sha256, at, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		newID("dwn_", now), b.id, who.userID, device.ID, device.Name, device.Platform,
		string(n.Event), n.FileName, n.Bytes, n.SHA256, millis(n.At), millis(now))
	if err != nil {
		return nil, err
	}
	s.changes.tell()
	rows, err := queryAll(ctx, s.c.Read, scanDownload, selectDownload+`WHERE d.backup_id = ? AND d.user_id = ? AND d.device_id = ?
		AND d.event = ? AND d.at = ?`, b.id, who.userID, device.ID, string(n.Event), millis(n.At))
	if err != nil || len(rows) == 0 {
		return nil, errors.Join(err, ctx.Err())
	}
	return &downloadOutput{rows[0]}, nil
}

// deviceOf is the device that a report is of: the caller's, or another one of
// the same person.
func (s *Server) deviceOf(ctx context.Context, who *identity, id string) (api.DeviceRef, error) {
	if id == "" || id == who.device.ID {
		return who.device, nil
	}
	d := api.DeviceRef{ID: id}
	err := s.c.Read.QueryRowContext(ctx, "SELECT name, platform FROM devices WHERE user_id = ? AND device_id = ?",
		who.userID, id).Scan(&d.Name, &d.Platform)
	if errors.Is(err, sql.ErrNoRows) {
		return d, invalid(api.FieldError{Field: "device_id", Code: api.FieldInvalid, Detail: "it is no device of this person"})
	}
	return d, err
}

// checkDownload refuses to record what cannot be so: a file that arrived whole
// is the one that the server had.
func (s *Server) checkDownload(ctx context.Context, b backup, n api.NewDownload) error {
	var want string
	err := s.c.Read.QueryRowContext(ctx, "SELECT sha256 FROM backups WHERE id = ?", b.id).Scan(&want)
	if err != nil {
		return err
	}
	if want == "" {
		return s.withoutArchive(b)
	}
	whole := n.Event == api.DownloadCompleted || n.Event == api.DownloadVerified
	var errs []api.FieldError
	fail := func(field string, code api.FieldCode, detail string) {
		errs = append(errs, api.FieldError{Field: field, Code: code, Detail: detail})
	}
	switch {
	case n.SHA256 == "" && whole:
		fail("sha256", api.FieldRequired, "it says which file arrived")
	case n.SHA256 != want && whole:
		fail("sha256", api.FieldInvalid, "the file of this backup has another one")
	}
	if strings.ContainsFunc(n.FileName, unicode.IsControl) || strings.ContainsAny(n.FileName, `/\`) {
		fail("file_name", api.FieldInvalid, "a name without folders and control characters")
	}
	if n.At.Year() < 2000 || n.At.After(s.clock().Add(48*time.Hour)) {
		fail("at", api.FieldOutOfWindow, "the clock of the device is far off")
	}
	if len(errs) > 0 {
		return invalid(errs...)
	}
	return nil
}

const selectDownload = `SELECT d.public_id, b.public_id, d.event, d.file_name, d.bytes, d.sha256, d.at, d.recorded_at,
	u.public_id, u.name, d.device_id, d.device_name, d.device_platform
	FROM downloads d JOIN backups b ON b.id = d.backup_id JOIN users u ON u.id = d.user_id `

func scanDownload(r *sql.Rows) (d api.DownloadRecord, err error) {
	var at, recorded int64
	err = r.Scan(&d.ID, &d.BackupID, &d.Event, &d.FileName, &d.Bytes, &d.SHA256, &at, &recorded,
		&d.User.ID, &d.User.Name, &d.Device.ID, &d.Device.Name, &d.Device.Platform)
	d.At, d.RecordedAt = instant(at), instant(recorded)
	return d, err
}

// downloadsShown is how many reports of one backup are listed, the newest.
const downloadsShown = 500

type downloadsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         api.DownloadList
}

func (s *Server) listDownloads(ctx context.Context, in *idInput) (*downloadsOutput, error) {
	b, err := s.find(ctx, whoIs(ctx).orgID, in.ID)
	if err != nil {
		return nil, err
	}
	items, err := queryAll(ctx, s.c.Read, scanDownload, selectDownload+"WHERE d.backup_id = ? ORDER BY d.id DESC LIMIT ?", b.id, downloadsShown)
	if err != nil {
		return nil, err
	}
	if items == nil {
		items = []api.DownloadRecord{}
	}
	return &downloadsOutput{"private, no-cache", api.DownloadList{Items: items}}, nil
}

// countDownloads fills in what devices reported of these backups, as the
// device that asks sees it.
func (s *Server) countDownloads(ctx context.Context, who *identity, backups ...*backup) error {
	if len(backups) == 0 {
		return nil
	}
	byID := make(map[int64]*backup, len(backups))
	args := []any{who.userID, who.device.ID}
	for _, b := range backups {
		byID[b.id] = b
		args = append(args, b.id)
	}
	_, err := queryAll(ctx, s.c.Read, func(r *sql.Rows) (none struct{}, err error) {
		var id, last int64
		var n api.DownloadCount
		if err := r.Scan(&id, &n.Count, &n.ThisDevice, &last); err != nil {
			return none, err
		}
		at := instant(last)
		n.LastAt = &at
		byID[id].Downloads = n
		return none, nil
	}, `SELECT backup_id, COUNT(*), SUM(user_id = ? AND device_id = ?), MAX(at) FROM downloads WHERE event = 'completed'
		AND backup_id IN (?`+strings.Repeat(", ?", len(backups)-1)+`) GROUP BY backup_id`, args...)
	return err
}
