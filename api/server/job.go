package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
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

	collected []collected // by module, while they are collected
	parts     []part      // in order, of those that could be read
	missing   []string    // keys of the others
}

// runJob takes a backup from pending to completed or failed. It returns early
// when the job is cancelled or the server closes.
func (s *Server) runJob(ctx context.Context, id string, p *progress) {
	s.runJobIn(ctx, id, p, surroundings{clock: s.clock, pace: s.c.Pace, log: s.log})
}

// surroundings are what a job finds around it. The demo's earlier backups were
// made by an earlier clock, and nobody watched.
type surroundings struct {
	clock func() time.Time
	pace  func(ctx context.Context, stage api.Stage, module string) error
	log   *slog.Logger
}

func (s *Server) runJobIn(ctx context.Context, id string, p *progress, in surroundings) {
	var last error
	for again := true; again; s.changes.tell() {
		again, last = s.attempt(ctx, id, p, in, last)
	}
}

// attempt begins a job once; last is why the one before it did not succeed. An
// attempt is counted before it begins, so that a crash counts too; closing the
// server is no fault of the job and does not.
func (s *Server) attempt(ctx context.Context, id string, p *progress, in surroundings, last error) (again bool, why error) {
	log := in.log.With("backup", id)
	ending := context.WithoutCancel(ctx)
	b, err := s.load(ending, id)
	if err != nil {
		log.Error("job cannot be read", "err", err)
		s.fail(ctx, log, id, asFailure(err))
		return false, nil
	}
	if b.Status != api.StatusPending {
		return false, nil
	}
	if b.attempts >= attemptsMax {
		s.fail(ctx, log, id, exhausted(last))
		return false, nil
	}
	if _, err := s.exec(ending, "UPDATE backups SET attempts = attempts + 1 WHERE id = ?", b.id); err != nil {
		log.Error("job cannot begin", "err", err)
		s.fail(ctx, log, id, asFailure(err))
		return false, nil
	}
	err = s.work(ctx, b, p, in)
	var final *failure
	switch {
	case err == nil, errors.Is(err, errCancelled):
		return false, err
	case errors.Is(context.Cause(ctx), errClosing):
		if _, err := s.exec(ending, "UPDATE backups SET attempts = attempts - 1 WHERE id = ?", b.id); err != nil {
			log.Error("attempt not taken back", "err", err)
		}
		return false, err
	case ctx.Err() != nil:
		return false, err
	case errors.As(err, &final), isDiskFull(err):
		s.fail(ctx, log, id, asFailure(err))
		return false, err
	}
	log.Error("attempt failed", "attempt", b.attempts+1, "err", err)
	return true, err
}

// errNotSame says that a file does not read back as it was written.
var errNotSame = errors.New("it is not what was written")

// asFailure says what people are told of err.
func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	f = &failure{code: api.CodeInternal, detail: "The server could not make the file.", err: err}
	switch {
	case isDiskFull(err):
		f.code, f.detail = api.CodeInsufficientStorage, "The server has no room left for the file."
	case errors.Is(err, fs.ErrPermission), isReadOnly(err):
		f.detail = "The server may not use its own folder: its files belong to somebody else, or the disk can only be read."
	case isDamagedDisk(err):
		f.detail = "The server's disk reports errors."
	case errors.Is(err, errNotSame):
		f.detail = "The server's disk did not give back what was written to it."
	case errors.Is(err, fs.ErrNotExist):
		f.detail = "A file that the server was writing was taken away from it."
	}
	return f
}

// exhausted is the failure of a job that has been begun often enough. Without
// a last error of this process the attempts ended with their processes.
func exhausted(last error) *failure {
	if last == nil {
		return &failure{
			code:   api.CodeInternal,
			detail: fmt.Sprintf("The server tried %d times and was cut off each time.", attemptsMax),
		}
	}
	f := *asFailure(last)
	f.detail = fmt.Sprintf("%s It tried %d times.", f.detail, attemptsMax)
	return &f
}

// failAgain is how soon a failure that could not be stored is stored again; it
// doubles up to failAgainMax.
const (
	failAgain    = 250 * time.Millisecond
	failAgainMax = time.Minute
)

// fail ends a pending backup as failed, with its reason (I5). Where even that
// cannot be stored it goes on trying, so that nobody waits for a backup that
// nobody makes. When ctx ends the backup stays pending, and its job starts
// again with the server.
func (s *Server) fail(ctx context.Context, log *slog.Logger, id string, f *failure) {
	log.Error("backup failed", "code", f.code, "detail", f.detail, "err", f.err)
	for wait := failAgain; ; wait = min(2*wait, failAgainMax) {
		_, err := s.exec(context.WithoutCancel(ctx), `UPDATE backups SET status = 'failed', error_code = ?, error_detail = ?
			WHERE public_id = ? AND status = 'pending'`, string(f.code), f.detail, id)
		if err == nil {
			return
		}
		log.Error("failure not stored", "err", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
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
			in.log.Error("temporary files not removed", "backup", b.ID, "err", cleanErr)
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
		p.stage = stage
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
	if err := j.s.rename(z.path, final); err != nil {
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
