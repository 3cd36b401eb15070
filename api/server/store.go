package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"connectbackup/api"
)

// backup is a row of the backups table.
type backup struct {
	id, org   int64
	attempts  int
	pending   bool
	locale    string
	performed int64 // milliseconds, for cursors
	manifest  sql.NullString
	api.Backup
}

const selectBackup = `SELECT b.id, b.org_id, b.attempts, b.pending, b.locale, b.manifest,
	b.public_id, b.title, b.status, b.from_day, b.till_day, b.timezone, b.csv_profile, b.modules, b.completeness,
	b.performed_at, b.data_as_of, b.completed_at, b.expires_at, b.deleted_at,
	u.public_id, u.name, b.device_id, b.device_name, b.device_platform,
	b.file_name, b.size, b.sha256, b.error_code, b.error_detail
	FROM backups b JOIN users u ON u.id = b.created_by `

func scanBackup(row interface{ Scan(...any) error }) (b backup, err error) {
	var from, till, modules string
	var asOf, completed, expires, deleted sql.NullInt64
	var file api.Archive
	var failure api.BackupError
	err = row.Scan(&b.id, &b.org, &b.attempts, &b.pending, &b.locale, &b.manifest,
		&b.ID, &b.Title, &b.Status, &from, &till, &b.Timezone, &b.CSVProfile, &modules, &b.Completeness,
		&b.performed, &asOf, &completed, &expires, &deleted,
		&b.CreatedBy.ID, &b.CreatedBy.Name, &b.CreatedOn.ID, &b.CreatedOn.Name, &b.CreatedOn.Platform,
		&file.FileName, &file.Size, &file.SHA256, &failure.Code, &failure.Detail)
	if err != nil {
		return b, err
	}
	b.PerformedAt = instant(b.performed)
	b.DataAsOf, b.CompletedAt, b.ExpiresAt, b.DeletedAt = instantOrNil(asOf), instantOrNil(completed), instantOrNil(expires), instantOrNil(deleted)
	if file.FileName != "" && b.Status == api.StatusCompleted {
		file.MediaType = archiveType
		b.Archive = &file
	}
	if failure.Code != "" {
		b.Error = &failure
	}
	return b, errors.Join(
		json.Unmarshal([]byte(modules), &b.Modules),
		b.From.UnmarshalText([]byte(from)), b.Till.UnmarshalText([]byte(till)))
}

func scanBackupRow(r *sql.Rows) (backup, error) { return scanBackup(r) }

// find reads one backup of an organisation; a fault when it has none of that
// ID, whoever else may have.
func (s *Server) find(ctx context.Context, org int64, id string) (backup, error) {
	b, err := scanBackup(s.c.Read.QueryRowContext(ctx, selectBackup+"WHERE b.public_id = ? AND b.org_id = ?", id, org))
	if errors.Is(err, sql.ErrNoRows) {
		return b, notFound()
	}
	return b, err
}

// load reads one backup for the job that makes it.
func (s *Server) load(ctx context.Context, id string) (backup, error) {
	return scanBackup(s.c.Read.QueryRowContext(ctx, selectBackup+"WHERE b.public_id = ?", id))
}

// shown is what a client sees of b: a pending one with its progress. The
// running jobs must have been asked for before b was read; the other way round
// a job that ends in between would seem to be queued.
func shown(b backup, running map[string]*progress) api.Backup {
	if b.Status != api.StatusPending {
		return b.Backup
	}
	b.Stage = api.StageQueued
	b.Progress = &api.Progress{ModulesTotal: len(b.Modules)}
	if p := running[b.ID]; p != nil {
		p.show(&b.Backup)
	}
	return b.Backup
}

// pendingIDs are the waiting jobs in the order of their making.
func (s *Server) pendingIDs(ctx context.Context) ([]string, error) {
	return queryAll(ctx, s.c.Read, scanText, "SELECT public_id FROM backups WHERE status = 'pending' ORDER BY id")
}

// insert stores a new backup.
func insert(ctx context.Context, tx *sql.Tx, b api.Backup, org, user int64, locale string, hash []byte, search string) error {
	modules, err := json.Marshal(b.Modules)
	if err != nil {
		return err
	}
	keys := " " // each between spaces, to be found whole
	for _, m := range b.Modules {
		keys += m.Key + " "
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO backups (public_id, org_id, title, status, from_day, till_day, timezone, locale,
		csv_profile, modules, module_keys, request_hash, search, performed_at, created_by, device_id, device_name, device_platform)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.ID, org, b.Title, string(b.Status), b.From.String(), b.Till.String(), b.Timezone, locale,
		b.CSVProfile, string(modules), keys, hash, search, millis(b.PerformedAt), user,
		b.CreatedOn.ID, b.CreatedOn.Name, b.CreatedOn.Platform)
	return err
}
