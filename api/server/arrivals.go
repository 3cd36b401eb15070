package server

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// Records can come long after they were made: by an import. The days of a
// backup and the moment of its snapshot do not tell then whether it has them.
//
// Records of a module are numbered (seq) in the order in which they come, and no
// number comes twice. The table arrivals says of stretches of these numbers when
// they came: that of a record is the first whose last_seq is not below its seq.
// An arrival is after the data_as_of of every backup that lacks the records, and
// not after that of one that has them; see afterSnapshots.
//
// Where nothing is noted records came when they were made, as far as is known:
// those of the demo do, and those of before version 4 have to, lest all earlier
// backups were worth nothing. But what their data shows is noted; see
// proveArrivals.

// arrival is when the record of that number came; nil when nothing is known.
func arrival(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, org int64, module string, seq int64,
) (*time.Time, error) {
	var at sql.NullInt64
	err := db.QueryRowContext(ctx, "SELECT stored_at FROM arrivals WHERE org_id = ? AND module = ? AND last_seq >= ? ORDER BY last_seq LIMIT 1",
		org, module, seq).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return instantOrNil(at), err
}

// lacks reports whether a backup as of that instant lacks records that came at
// the other; nil is a snapshot that is still to be taken, or an arrival that
// nothing is known of.
func lacks(asOf, stored *time.Time) bool {
	return asOf != nil && stored != nil && asOf.Before(*stored)
}

// lastSeq is the greatest number that a record of a module has or had.
func lastSeq(ctx context.Context, tx *sql.Tx, org int64, module string) (last int64, err error) {
	return last, tx.QueryRowContext(ctx, `SELECT MAX(
		COALESCE((SELECT MAX(seq) FROM records WHERE org_id = ?1 AND module = ?2), 0),
		COALESCE((SELECT MAX(last_seq) FROM arrivals WHERE org_id = ?1 AND module = ?2), 0))`, org, module).Scan(&last)
}

// arrive notes that the records after the number base, up to last, came at that
// instant. Of those before nothing more is known than stands there already.
func arrive(ctx context.Context, tx *sql.Tx, org int64, module string, base, last, at int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO arrivals (org_id, module, last_seq, stored_at) VALUES (?1, ?2, ?3, NULL), (?1, ?2, ?4, ?5)
		ON CONFLICT DO NOTHING`, org, module, base, last, at)
	return err
}

// afterSnapshots is the instant that stands for now when records come: later
// than all snapshots that lack them, even one of the same millisecond, or one
// of a clock that was wrong. Nobody takes one while tx is open: see snapshots.
func (s *Server) afterSnapshots(ctx context.Context, tx *sql.Tx, org int64, now time.Time) (int64, error) {
	var newest sql.NullInt64
	if err := tx.QueryRowContext(ctx, "SELECT MAX(data_as_of) FROM backups WHERE org_id = ?", org).Scan(&newest); err != nil {
		return 0, err
	}
	at := millis(now)
	if newest.Valid {
		at = max(at, newest.Int64+1)
	}
	for _, p := range s.jobs.progress() {
		if asOf := p.snapshot(); asOf != nil {
			at = max(at, millis(*asOf)+1)
		}
	}
	return at, nil
}

// snapshotted is what a backup of before version 4 tells of one module.
type snapshotted struct {
	start, end int64 // of its days
	asOf       int64
	records    int64 // that it has; negative: it does not say

	inside int64 // records of its days that could have been in it
	after  int64 // the first number that came after it, as far as is known
}

// couldHold reports whether a record that was made then counts as one of b's, if
// it had come by then.
func (b *snapshotted) couldHold(created int64) bool {
	return b.records >= 0 && created <= b.asOf && created >= b.start && created < b.end
}

// never is the number of a record that there is not.
const never = math.MaxInt64

// proveArrivals notes of records that came before anybody noted it what their
// data shows. A record that was made after a snapshot came after it, and so did
// those of higher numbers. And a backup cannot have had more records of its days
// than it has: of those there are now, only the first so many. What cannot be
// read shows nothing, and keeps nobody from their files.
func (s *Server) proveArrivals(ctx context.Context, tx *sql.Tx) error {
	type moduleKey struct {
		org int64
		key string
	}
	all := map[moduleKey][]*snapshotted{}
	_, err := queryAll(ctx, tx, func(r *sql.Rows) (none struct{}, err error) {
		var org int64
		var b snapshotted
		var from, till, zone, text string
		var performed int64
		var modules []api.BackupModule
		if err := r.Scan(&org, &from, &till, &zone, &text, &performed, &b.asOf); err != nil {
			return none, err
		}
		b.start, b.end, err = boundsOf(from, till, zone, performed)
		if err = errors.Join(err, json.Unmarshal([]byte(text), &modules)); err != nil {
			s.log.Error("backup not compared with the records", "organisation", org, "from", from, "till", till, "err", err)
			return none, nil //nolint:nilerr // it is told
		}
		for _, m := range modules {
			one := b
			one.records, one.after = m.Records, never
			if m.Status != api.ModuleOK && m.Status != api.ModuleEmpty {
				one.records = -1
			}
			all[moduleKey{org, m.Key}] = append(all[moduleKey{org, m.Key}], &one)
		}
		return none, nil
	}, "SELECT org_id, from_day, till_day, timezone, modules, performed_at, data_as_of FROM backups WHERE data_as_of IS NOT NULL")
	if err != nil {
		return err
	}
	for k, backups := range all {
		if err := proveModule(ctx, tx, k.org, k.key, backups); err != nil {
			s.log.Error("records not compared with backups", "organisation", k.org, "module", k.key, "err", err)
		}
	}
	return ctx.Err()
}

// boundsOf are the instants between which the records of a backup were made.
func boundsOf(from, till, zone string, performed int64) (start, end int64, err error) {
	var days calendar.Range
	loc, err := time.LoadLocation(zone)
	if err = errors.Join(err, days.From.UnmarshalText([]byte(from)), days.Till.UnmarshalText([]byte(till))); err != nil {
		return 0, 0, err
	}
	first, last := days.Bounds(loc)
	if kept := keptFrom(calendar.DayOf(instant(performed), loc), loc); first.Before(kept) {
		first = kept
	}
	return millis(first), millis(last), nil
}

// proveModule reads the records of a module once, and once more in the order in
// which they came if there are backups that lack some.
func proveModule(ctx context.Context, tx *sql.Tx, org int64, module string, backups []*snapshotted) error {
	const query = "SELECT created_at, seq FROM records WHERE org_id = ? AND module = ?"
	each := func(query string, f func(b *snapshotted, created, seq int64)) error {
		_, err := queryAll(ctx, tx, func(r *sql.Rows) (none struct{}, err error) {
			var created, seq int64
			if err := r.Scan(&created, &seq); err != nil {
				return none, err
			}
			for _, b := range backups {
				f(b, created, seq)
			}
			return none, nil
		}, query, org, module)
		return err
	}
	lacking := false
	if err := each(query, func(b *snapshotted, created, seq int64) {
		switch {
		case created > b.asOf:
			b.after = min(b.after, seq)
		case b.couldHold(created):
			b.inside++
			lacking = lacking || b.inside > b.records
		}
	}); err != nil {
		return err
	}
	if lacking {
		if err := each(query+" ORDER BY seq", func(b *snapshotted, created, seq int64) {
			if b.couldHold(created) {
				if b.records--; b.records < 0 { // no more than it has; this is the first of the others
					b.after = min(b.after, seq)
				}
			}
		}); err != nil {
			return err
		}
	}
	return noteProven(ctx, tx, org, module, backups)
}

// noteProven stores that the records from b.after on came after b, for all b.
func noteProven(ctx context.Context, tx *sql.Tx, org int64, module string, backups []*snapshotted) error {
	backups = slices.DeleteFunc(backups, func(b *snapshotted) bool { return b.after == never })
	if len(backups) == 0 {
		return nil
	}
	slices.SortFunc(backups, func(a, b *snapshotted) int { return cmp.Or(cmp.Compare(a.after, b.after), cmp.Compare(b.asOf, a.asOf)) })
	last, err := lastSeq(ctx, tx, org, module)
	if err != nil {
		return err
	}
	var at sql.NullInt64
	note := func(seq int64) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO arrivals (org_id, module, last_seq, stored_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
			org, module, seq, at)
		return err
	}
	for _, b := range backups {
		if at.Valid && b.asOf < at.Int64 {
			continue // a later backup lacks them already
		}
		if err := note(b.after - 1); err != nil {
			return err
		}
		at = sql.NullInt64{Int64: b.asOf + 1, Valid: true}
	}
	return note(last)
}
