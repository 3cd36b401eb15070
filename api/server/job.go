package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/manifest"
)

// attemptsMax is how often a job is begun before it has failed.
const attemptsMax = 3

// failure is an end of a job that another attempt would not change.
type failure struct {
	code   api.Code
	detail string
	err    error
}

func (f *failure) Error() string { return f.detail }

func (f *failure) Unwrap() error { return f.err }

// job makes one archive.
type job struct {
	surroundings
	s *Server
	b backup
	p *progress

	dir     string // of its own, under tmp/
	loc     *time.Location
	org     string
	modules []module
	csv     csvStyle
	asOf    time.Time
	parts   []part
	missing []string
	records int64
}

// runJob takes a backup from pending to completed or failed. It returns early
// when the job is cancelled or the server closes.
func (s *Server) runJob(ctx context.Context, id string, p *progress) {
	s.runJobIn(ctx, id, p, surroundings{clock: s.clock, pace: s.c.Pace})
}

// surroundings are what a job finds around it. The demo's earlier backups were
// made by an earlier clock, and nobody watched.
type surroundings struct {
	clock func() time.Time
	pace  func(ctx context.Context, stage api.Stage, module string) error
}

func (s *Server) runJobIn(ctx context.Context, id string, p *progress, in surroundings) {
	for {
		again := s.attempt(ctx, id, p, in)
		s.changes.tell()
		if !again {
			return
		}
	}
}

// attempt begins a job once. An attempt is counted before it begins, so that a
// crash counts too; closing the server is no fault of the job and does not.
func (s *Server) attempt(ctx context.Context, id string, p *progress, in surroundings) (again bool) {
	log := s.log.With("backup", id)
	ending := context.WithoutCancel(ctx)
	b, err := s.load(ending, id)
	if err != nil {
		log.Error("job cannot be read", "err", err)
		return false
	}
	if b.Status != api.StatusPending {
		return false
	}
	if b.attempts >= attemptsMax {
		s.fail(ending, b, &failure{
			code:   api.CodeInternal,
			detail: fmt.Sprintf("The server tried %d times and did not get to the end.", attemptsMax),
		})
		return false
	}
	if _, err := s.exec(ending, "UPDATE backups SET attempts = attempts + 1 WHERE id = ?", b.id); err != nil {
		log.Error("job cannot begin", "err", err)
		s.fail(ending, b, asFailure(err))
		return false
	}
	err = s.work(ctx, b, p, in)
	var final *failure
	switch {
	case err == nil, errors.Is(err, errCancelled):
		return false
	case errors.Is(context.Cause(ctx), errClosing):
		if _, err := s.exec(ending, "UPDATE backups SET attempts = attempts - 1 WHERE id = ?", b.id); err != nil {
			log.Error("attempt not taken back", "err", err)
		}
		return false
	case ctx.Err() != nil:
		return false
	case errors.As(err, &final), isDiskFull(err):
		s.fail(ending, b, asFailure(err))
		return false
	}
	log.Error("attempt failed", "attempt", b.attempts+1, "err", err)
	return true
}

// asFailure says what people are told of err.
func asFailure(err error) *failure {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f
	case isDiskFull(err):
		return &failure{code: api.CodeInsufficientStorage, detail: "The server has no room left for the file.", err: err}
	}
	return &failure{code: api.CodeInternal, detail: "The server could not make the file.", err: err}
}

// fail ends a pending backup as failed, with its reason (I5).
func (s *Server) fail(ctx context.Context, b backup, f *failure) {
	s.log.Error("backup failed", "backup", b.ID, "code", f.code, "detail", f.detail, "err", f.err)
	_, err := s.exec(ctx, `UPDATE backups SET status = 'failed', error_code = ?, error_detail = ?
		WHERE id = ? AND status = 'pending'`, string(f.code), f.detail, b.id)
	if err != nil {
		// It stays pending and starts again with the server.
		s.log.Error("failure not stored", "backup", b.ID, "err", err)
	}
}

// work is one attempt: collect, pack, verify, publish.
func (s *Server) work(ctx context.Context, b backup, p *progress, in surroundings) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
		if err != nil && ctx.Err() != nil {
			err = errors.Join(context.Cause(ctx), err)
		}
	}()
	j := &job{s: s, b: b, surroundings: in, p: p, dir: filepath.Join(s.tmp(), b.ID)}
	defer func() {
		if cleanErr := os.RemoveAll(j.dir); cleanErr != nil {
			s.log.Error("temporary files not removed", "backup", b.ID, "err", cleanErr)
		}
	}()
	if err := errors.Join(os.RemoveAll(j.dir), os.MkdirAll(j.dir, 0o700)); err != nil {
		return err
	}
	if j.loc, err = time.LoadLocation(b.Timezone); err != nil {
		return err
	}
	j.csv = newCSVStyle(b.CSVProfile, b.locale, j.loc)
	if err := j.collect(ctx); err != nil {
		return fmt.Errorf("collect: %w", err)
	}
	packed, err := j.pack(ctx)
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	if err := j.verify(ctx, &packed); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if err := j.publish(ctx, packed); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// enter shows that the job is at a stage, and lets Pace hold it there.
func (j *job) enter(ctx context.Context, stage api.Stage, module string, percent int) error {
	j.p.set(func(p *progress) {
		p.stage, p.asOf = stage, &j.asOf
		p.shown.Module, p.shown.ModulesTotal = module, len(j.b.Modules)
		p.shown.Percent = max(p.shown.Percent, percent)
	})
	j.s.changes.tell()
	if err := j.pace(ctx, stage, module); err != nil {
		return err
	}
	return ctx.Err()
}

// packed is a zip file that has not been published.
type packed struct {
	path     string
	manifest manifest.Manifest // without size and hash of the archive
	size     int64
	sha256   string
}

// publish renames the verified file to its place and completes the backup. The
// file comes first: what the table promises is there. If the backup was
// cancelled meanwhile the file goes again.
func (j *job) publish(ctx context.Context, z packed) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	final := j.s.archivePath(j.b.ID)
	if err := os.Rename(z.path, final); err != nil {
		return err
	}
	err := syncDir(j.s.archives())
	if err == nil {
		// Not cancelled with ctx: whether it was stored must be known.
		err = j.complete(context.WithoutCancel(ctx), z)
	}
	if err != nil {
		return errors.Join(err, os.Remove(final))
	}
	return nil
}

// complete stores the end of a job; errCancelled if somebody was faster.
func (j *job) complete(ctx context.Context, z packed) error {
	b := j.b.Backup
	b.Modules = j.p.ended()
	b.Completeness = api.Complete
	if len(j.missing) > 0 {
		b.Completeness = api.Partial
	}
	completed := instant(millis(j.clock()))
	expires := calendar.AddMonths(completed, archiveMonths, j.loc)
	z.manifest.ArchiveSize, z.manifest.ArchiveSHA256 = z.size, z.sha256
	m, err := json.Marshal(z.manifest)
	if err != nil {
		return err
	}
	modules, err := json.Marshal(b.Modules)
	if err != nil {
		return err
	}
	b.Archive = &api.Archive{FileName: z.manifest.ArchiveName}
	return j.s.write(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE backups SET status = 'completed', completeness = ?, modules = ?, search = ?,
			data_as_of = ?, completed_at = ?, expires_at = ?, file_name = ?, size = ?, sha256 = ?, manifest = ?
			WHERE id = ? AND status = 'pending'`,
			b.Completeness, string(modules), b.SearchText(), millis(j.asOf), millis(completed), millis(expires),
			z.manifest.ArchiveName, z.size, z.sha256, string(m), j.b.id)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return errCancelled
	})
}
