package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // the organisation's zone must be known on systems that bring no zones, as Windows

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// sweepBatch is how many records are deleted at once: others want to write too.
const sweepBatch = 5000

// keyLife is how long an idempotency key is remembered.
const keyLife = 24 * time.Hour

// sweepHourly keeps the two clocks until the server closes.
func (s *Server) sweepHourly() {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if err := s.Sweep(s.ctx); err != nil && s.ctx.Err() == nil {
				s.log.Error("sweep failed", "err", err)
			}
		case <-s.ctx.Done():
			return
		}
	}
}

// Sweep deletes what is over its time now: records (S3), archives (S16), ended
// sessions and old idempotency keys; and files that could not be removed when
// they should have been. It runs every hour by itself. While the clock is
// doubted nothing is over its time.
func (s *Server) Sweep(ctx context.Context) error {
	defer s.keepBallast()
	now := s.clock()
	left := s.sweepLeftovers(ctx, false)
	may, err := s.mayDelete(ctx, now)
	if err != nil || !may {
		return errors.Join(left, err)
	}
	return errors.Join(left, s.sweepRecords(ctx, now), s.sweepArchives(ctx, now), s.sweepSessions(ctx, now))
}

type orgZone struct {
	id       int64
	timezone string
}

// sweepRecords is clock 1.
func (s *Server) sweepRecords(ctx context.Context, now time.Time) error {
	orgs, err := queryAll(ctx, s.c.Read, func(r *sql.Rows) (o orgZone, err error) {
		return o, r.Scan(&o.id, &o.timezone)
	}, "SELECT id, timezone FROM organisations ORDER BY id")
	if err != nil {
		return err
	}
	var errs []error // what cannot be swept in one place does not keep it up elsewhere
	for _, o := range orgs {
		if err := s.sweepOrganisation(ctx, o, now); err != nil {
			errs = append(errs, fmt.Errorf("organisation %d: %w", o.id, err))
		}
	}
	return errors.Join(errs...)
}

func (s *Server) sweepOrganisation(ctx context.Context, o orgZone, now time.Time) error {
	loc, err := time.LoadLocation(o.timezone)
	if err != nil {
		return err
	}
	cutoff, err := s.cutoff(ctx, o.id, calendar.DayOf(now, loc), loc)
	if err != nil {
		return err
	}
	keys, err := queryAll(ctx, s.c.Read, scanText, "SELECT key FROM modules WHERE org_id = ?", o.id)
	if err != nil {
		return err
	}
	var errs []error
	for _, key := range keys {
		errs = append(errs, s.sweepModule(ctx, o.id, key, millis(cutoff)))
	}
	return errors.Join(errs...)
}

// cutoff is the instant before which records are swept. What a waiting backup
// was promised stays until that has ended. It is asked for in turn with those
// who write: what is being promised at this moment counts, and what comes later
// is held to the day that it comes on.
func (s *Server) cutoff(ctx context.Context, org int64, today calendar.Day, loc *time.Location) (time.Time, error) {
	cutoff := keptFrom(today, loc)
	var oldest sql.NullString
	err := s.freeing(ctx, func() error {
		return s.write(ctx, func(tx *sql.Tx) error {
			return tx.QueryRowContext(ctx, "SELECT MIN(from_day) FROM backups WHERE org_id = ? AND status = 'pending'", org).Scan(&oldest)
		})
	})
	if err != nil || !oldest.Valid {
		return cutoff, err
	}
	from, err := calendar.ParseDay(oldest.String)
	if promised := from.Start(loc); err == nil && promised.Before(cutoff) {
		cutoff = promised
	}
	return cutoff, err
}

// sweepModule deletes the records of a module that are older, in batches.
// Where even the room for that is short they become smaller.
func (s *Server) sweepModule(ctx context.Context, org int64, key string, cutoff int64) error {
	for batch := sweepBatch; ; {
		var last sql.NullInt64
		err := s.c.Read.QueryRowContext(ctx, `SELECT MAX(created_at) FROM (SELECT created_at FROM records
			WHERE org_id = ? AND module = ? AND created_at < ? ORDER BY created_at LIMIT ?)`, org, key, cutoff, batch).Scan(&last)
		if err != nil || !last.Valid {
			return err
		}
		n, err := s.execFreeing(ctx, "DELETE FROM records WHERE org_id = ? AND module = ? AND created_at <= ?", org, key, last.Int64)
		if isDiskFull(err) && batch > 1 {
			batch = max(1, batch/10)
			continue
		}
		if err != nil {
			return err
		}
		s.log.Info("records swept", "organisation", org, "module", key, "records", n)
	}
}

// sweepArchives is clock 2. The row stays and says when the file went.
func (s *Server) sweepArchives(ctx context.Context, now time.Time) error {
	ids, err := queryAll(ctx, s.c.Read, scanText, `SELECT public_id FROM backups WHERE status = 'completed' AND expires_at <= ?`, millis(now))
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, s.dropArchive(ctx, id, "expired", now))
	}
	return errors.Join(errs...)
}

// dropArchive takes the file of a completed backup away; status is expired or
// deleted. The table comes first: it must not promise what is gone. A file
// that stays behind all the same goes at the next try, or with the leftovers.
func (s *Server) dropArchive(ctx context.Context, id, status string, now time.Time) error {
	n, err := s.execFreeing(ctx, "UPDATE backups SET status = ?, deleted_at = ? WHERE public_id = ? AND status = 'completed'",
		status, millis(now), id)
	if err != nil {
		return err
	}
	if n > 0 {
		s.changes.tell()
		s.log.Info("archive removed", "backup", id, "status", status)
	}
	return s.sweepLeftover(ctx, id, false)
}

func (s *Server) sweepSessions(ctx context.Context, now time.Time) error {
	// A used refresh token is kept until it would have ended, so that using it
	// again is noticed.
	_, err := s.execFreeing(ctx, "DELETE FROM tokens WHERE expires_at <= ?", millis(now))
	if err != nil {
		return err
	}
	_, err = s.execFreeing(ctx, "DELETE FROM sessions WHERE id NOT IN (SELECT session_id FROM tokens)")
	if err != nil {
		return err
	}
	_, err = s.execFreeing(ctx, "DELETE FROM idempotency WHERE created_at <= ?", millis(now.Add(-keyLife)))
	return err
}

// sweepLeftovers removes what a crash left, or what could not be removed in its
// time: files being made of backups that have ended, and published ones of
// those that are not completed, or no longer. Without jobs, as when the server
// opens, nothing is being made or published. What cannot be removed is told,
// and keeps nothing else up.
func (s *Server) sweepLeftovers(ctx context.Context, opening bool) error {
	left, err := os.ReadDir(s.tmp())
	errs := []error{err}
	for _, e := range left {
		errs = append(errs, s.sweepUnfinished(ctx, e.Name(), opening))
	}
	files, err := os.ReadDir(s.archives())
	errs = append(errs, err)
	for _, e := range files {
		if id, isZip := strings.CutSuffix(e.Name(), ".zip"); isZip {
			errs = append(errs, s.sweepLeftover(ctx, id, opening))
		}
	}
	return errors.Join(errs...)
}

// sweepUnfinished removes what is in tmp/ by a name: the files of a job, if the
// name is that of a backup.
func (s *Server) sweepUnfinished(ctx context.Context, name string, opening bool) error {
	if !opening {
		status, err := s.statusOf(ctx, name)
		if err != nil || status == "" || status == api.StatusPending {
			return err
		}
	}
	return os.RemoveAll(filepath.Join(s.tmp(), name))
}

// sweepLeftover removes the published file of a backup unless it is promised.
// While jobs run that of a pending one may have been published just now; no
// other becomes completed any more.
func (s *Server) sweepLeftover(ctx context.Context, id string, opening bool) error {
	status, err := s.statusOf(ctx, id)
	switch {
	case err != nil || status == api.StatusCompleted:
		return err
	case status == "":
		// Whose it is nobody knows: the tables may be from an older copy.
		if opening {
			s.log.Warn("archive of no known backup", "backup", id)
		}
		return nil
	case status == api.StatusPending && !opening:
		return nil
	}
	if err := os.Remove(s.archivePath(id)); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// statusOf is the status of a backup, empty if there is none.
func (s *Server) statusOf(ctx context.Context, id string) (status api.Status, err error) {
	err = s.c.Read.QueryRowContext(ctx, "SELECT status FROM backups WHERE public_id = ?", id).Scan(&status)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return status, err
}
