package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

const (
	sampleRows    = 250 // read from each end of a module's range, to guess sizes
	overlapsShown = 20

	// Beside the records an archive has its manifest, texts and directory.
	archiveFrame  = 4000 // bytes
	archiveModule = 350  // bytes a module more
	packedShare   = 0.25 // of the CSV files, while nothing better is known
)

type estimateOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         api.Estimate
}

// estimate says what a backup would hold, by the same checks and the same
// bounds as making it (B11).
func (s *Server) estimate(ctx context.Context, in *struct{ Body api.EstimateRequest }) (*estimateOutput, error) {
	who := whoIs(ctx)
	known, err := modulesOf(ctx, s.c.Read, who.orgID)
	if err != nil {
		return nil, err
	}
	var errs []api.FieldError
	fail := func(field string, code api.FieldCode, detail string) {
		errs = append(errs, api.FieldError{Field: field, Code: code, Detail: detail})
	}
	checkRange(in.Body.From, in.Body.Till, calendar.DayOf(s.clock(), who.loc), fail)
	chosen := chooseModules(in.Body.Modules, known, fail)
	if len(errs) > 0 {
		return nil, invalid(errs...)
	}
	days := calendar.Range{From: in.Body.From, Till: in.Body.Till}
	arrived := map[string]*time.Time{}
	e := api.Estimate{Modules: make([]api.ModuleEstimate, 0, len(chosen)), Overlaps: []api.Overlap{}}
	for _, m := range known {
		if !slices.ContainsFunc(chosen, func(c api.BackupModule) bool { return c.Key == m.key }) {
			continue
		}
		one, stored, err := s.estimateModule(ctx, who, m, days)
		if err != nil {
			return nil, err
		}
		arrived[m.key] = stored
		e.Modules = append(e.Modules, one)
		e.Records += one.Records
		e.Bytes += one.Bytes
	}
	share, err := s.packedShare(ctx, who.orgID)
	if err != nil {
		return nil, err
	}
	e.ArchiveBytes = archiveRest(len(chosen)) + int64(float64(e.Bytes)*share)
	if e.Overlaps, err = s.overlaps(ctx, who.orgID, days, chosen, arrived); err != nil {
		return nil, err
	}
	return &estimateOutput{"private, no-cache", e}, nil
}

// estimateModule counts the records of a module, and guesses the size of their
// CSV file from some at both ends. arrived is when the last of them was made, or
// came if that was later.
func (s *Server) estimateModule(ctx context.Context, who *identity, m module, days calendar.Range) (e api.ModuleEstimate, arrived *time.Time, err error) {
	e = api.ModuleEstimate{Key: m.key, Name: m.name, Subscribed: m.subscribed}
	for _, c := range m.allColumns() {
		e.Bytes += int64(len(c.Name)) + 1
	}
	if !m.subscribed {
		return e, nil, nil
	}
	start, end := days.Bounds(who.loc)
	n, arrived, err := s.countBetween(ctx, who.orgID, m.key, start, end)
	if err != nil || n == 0 {
		return e, nil, err
	}
	var cells float64 // bytes of one row's cells, as JSON
	err = s.c.Read.QueryRowContext(ctx, `SELECT AVG(length(CAST(cells AS BLOB))) FROM (
		SELECT cells FROM (SELECT cells FROM records WHERE org_id = ?1 AND module = ?2 AND created_at >= ?3 AND created_at < ?4
			ORDER BY created_at LIMIT ?5)
		UNION ALL
		SELECT cells FROM (SELECT cells FROM records WHERE org_id = ?1 AND module = ?2 AND created_at >= ?3 AND created_at < ?4
			ORDER BY created_at DESC LIMIT ?5))`,
		who.orgID, m.key, millis(start), millis(end), sampleRows).Scan(&cells)
	if err != nil {
		return e, nil, err
	}
	// A cell loses its quotes and keeps its comma; two times and a line end come.
	const times = 2*(1+len(time.DateTime)) + 2
	row := cells - 2 - 2*float64(len(m.columns)) + float64(times)
	e.Records = n
	e.Bytes += int64(float64(n) * row)
	return e, arrived, nil
}

// countBetween counts records, and says when the last of them was made, or came
// if that was later; nil without any.
func (s *Server) countBetween(ctx context.Context, org int64, module string, start, end time.Time) (n int64, arrived *time.Time, err error) {
	var newest, last sql.NullInt64
	err = s.c.Read.QueryRowContext(ctx, `SELECT COUNT(*), MAX(created_at), MAX(seq) FROM records
		WHERE org_id = ? AND module = ? AND created_at >= ? AND created_at < ?`,
		org, module, millis(start), millis(end)).Scan(&n, &newest, &last)
	if err != nil || n == 0 {
		return n, nil, err
	}
	arrived, err = arrival(ctx, s.c.Read, org, module, last.Int64)
	if made := instantOrNil(newest); arrived == nil || made.After(*arrived) {
		arrived = made
	}
	return n, arrived, err
}

// archiveRest is how long an archive of so many modules is without any records,
// about, in bytes.
func archiveRest(modules int) int64 { return archiveFrame + archiveModule*int64(modules) }

// packedShare is how small the records in the organisation's last archives
// became.
func (s *Server) packedShare(ctx context.Context, org int64) (float64, error) {
	var packed, whole int64
	_, err := queryAll(ctx, s.c.Read, func(r *sql.Rows) (none struct{}, err error) {
		var size int64
		var text string
		if err := r.Scan(&size, &text); err != nil {
			return none, err
		}
		var modules []api.BackupModule
		if err := json.Unmarshal([]byte(text), &modules); err != nil {
			return none, err
		}
		packed += max(0, size-archiveRest(len(modules)))
		for _, m := range modules {
			whole += m.Bytes
		}
		return none, nil
	}, `SELECT size, modules FROM backups WHERE org_id = ? AND size > 0 ORDER BY id DESC LIMIT 5`, org)
	if err != nil || whole == 0 {
		return packedShare, err
	}
	return float64(packed) / float64(whole), nil
}

// overlaps are the backups that hold, or will hold, some of these days of some
// of these modules. arrived is when the last records of each came.
func (s *Server) overlaps(ctx context.Context, org int64, days calendar.Range, chosen []api.BackupModule, arrived map[string]*time.Time) ([]api.Overlap, error) {
	running := s.jobs.progress()
	rows, err := queryAll(ctx, s.c.Read, scanBackupRow, selectBackup+`WHERE b.org_id = ? AND b.status IN ('pending', 'completed')
		AND b.from_day <= ? AND b.till_day >= ? ORDER BY b.pending DESC, b.performed_at DESC, b.public_id DESC`,
		org, days.Till.String(), days.From.String())
	if err != nil {
		return nil, err
	}
	found := []api.Overlap{}
	for _, b := range rows {
		asOf := shown(b, running).DataAsOf
		lacking := func(m api.BackupModule) bool { return lacks(asOf, arrived[m.Key]) }
		o := api.Overlap{BackupID: b.ID, Title: b.Title, Status: b.Status, From: b.From, Till: b.Till}
		for _, c := range chosen {
			if b.holds(c.Key) || b.Status == api.StatusPending && slices.ContainsFunc(b.Modules, func(m api.BackupModule) bool { return m.Key == c.Key }) {
				o.Modules = append(o.Modules, c.Key)
			}
		}
		o.Covers = len(o.Modules) == len(chosen) && !b.From.After(days.From) && !b.Till.Before(days.Till) &&
			!slices.ContainsFunc(chosen, lacking)
		if len(o.Modules) > 0 && len(found) < overlapsShown {
			found = append(found, o)
		}
	}
	return found, nil
}

// holds reports whether a completed backup has all the records of a module
// that its range asked for.
func (b backup) holds(key string) bool {
	return b.Downloadable() && slices.ContainsFunc(b.Modules, func(m api.BackupModule) bool {
		return m.Key == key && (m.Status == api.ModuleOK || m.Status == api.ModuleEmpty)
	})
}
