package server

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/flate"
	"golang.org/x/sync/errgroup"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/manifest"
)

// chunk is how much of a CSV file is gathered before it is hashed and
// compressed, in bytes.
const chunk = 64 << 10

// part is the CSV file of one module, compressed, in a file of its own. The
// parts come together in one zip when all are there, so that a module that
// fails leaves no half of itself behind.
type part struct {
	manifest.File
	path    string
	crc     uint32
	packed  int64 // bytes after compression
	lastSeq int64 // the greatest of its records
}

// moduleError says that the records of one module cannot be read. The backup
// goes on without it, and says so.
type moduleError struct {
	module string
	err    error
}

func (e *moduleError) Error() string { return fmt.Sprintf("module %s: %v", e.module, e.err) }

func (e *moduleError) Unwrap() error { return e.err }

// collect writes the CSV file of every wanted module, on as many cores as are
// free, all from one snapshot. The parts are in the order of the modules,
// whichever was ready first.
func (j *job) collect(ctx context.Context) (err error) {
	all, end, err := j.s.snapshots(ctx, len(j.b.Modules), func() {
		j.asOf = instant(millis(j.clock()))
		j.p.set(func(p *progress) { p.asOf = &j.asOf })
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	if err := all[0].QueryRowContext(ctx, "SELECT name FROM organisations WHERE id = ?", j.b.org).Scan(&j.org); err != nil {
		return err
	}
	if j.modules, err = modulesOf(ctx, all[0], j.b.org); err != nil {
		return err
	}
	n := len(j.b.Modules)
	j.collected = make([]collected, n)
	j.p.set(func(p *progress) {
		p.modules = slices.Clone(j.b.Modules)
		p.shown = api.Progress{ModulesTotal: n}
		p.within = make([]within, n)
	})
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for _, tx := range all {
		g.Go(func() (err error) {
			defer func() { // as in work: a job's panic is not the server's
				if r := recover(); r != nil {
					err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
				}
			}()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := j.collectModule(ctx, tx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return j.gather()
}

// collected is what became of a module.
type collected struct {
	part part
	done api.BackupModule
}

// collectModule writes module i. One that cannot be read is no error here.
func (j *job) collectModule(ctx context.Context, tx *sql.Tx, i int) error {
	key := j.b.Modules[i].Key
	if err := j.enter(ctx, api.StageCollecting, key, 0); err != nil {
		return err
	}
	p, done, err := j.module(ctx, tx, i)
	var broken *moduleError
	if errors.As(err, &broken) {
		j.log.Error("module left out", "backup", j.b.ID, "err", err)
		done.Status = api.ModuleFailed
	} else if err != nil {
		return err
	}
	j.collected[i] = collected{p, done}
	j.p.set(func(p *progress) {
		p.modules[i] = done
		p.shown.ModulesDone++
		p.within[i] = within{1, done.Records}
		p.sum()
	})
	j.s.changes.tell()
	return nil
}

// gather brings what was collected in order.
func (j *job) gather() error {
	readable := false
	for _, c := range j.collected {
		switch c.done.Status {
		case api.ModuleFailed:
			j.missing = append(j.missing, c.done.Key)
			continue
		case api.ModuleOK, api.ModuleEmpty:
			readable = true
		}
		j.parts = append(j.parts, c.part)
	}
	if len(j.missing) > 0 && !readable {
		return &failure{code: api.CodeInternal, detail: "The records could not be read: the server's data is damaged."}
	}
	return nil
}

// collectShare is the part of the work, in percent, that collecting is.
const collectShare = 85

// module writes one module. A *moduleError leaves nothing of it behind.
func (j *job) module(ctx context.Context, tx *sql.Tx, i int) (p part, done api.BackupModule, err error) {
	done = j.b.Modules[i]
	done.Records, done.Bytes, done.StoredAt = 0, 0, nil
	at := slices.IndexFunc(j.modules, func(m module) bool { return m.key == done.Key })
	if at < 0 {
		return p, done, &moduleError{done.Key, errors.New("it is not there any more")}
	}
	m := j.modules[at]
	if p, err = j.part(ctx, tx, m, i); err != nil {
		return p, done, err
	}
	switch {
	case !m.subscribed:
		p.Status = api.ModuleNotSubscribed
	case p.Rows == 0:
		p.Status = api.ModuleEmpty
	default:
		p.Status = api.ModuleOK
		if done.StoredAt, err = arrival(ctx, tx, j.b.org, m.key, p.lastSeq); err != nil {
			return p, done, j.unreadable(ctx, m, err)
		}
	}
	done.Status, done.Records, done.Bytes = p.Status, p.Rows, p.Bytes
	return p, done, nil
}

// part streams the records of a module through hashes and compression, which
// have a goroutine of their own: while one piece is compressed the next is read.
func (j *job) part(ctx context.Context, tx *sql.Tx, m module, i int) (p part, err error) {
	p = part{path: filepath.Join(j.dir, m.key+".part"), File: manifest.File{Name: m.key + ".csv", Module: m.key}}
	for _, c := range m.allColumns() {
		p.Columns = append(p.Columns, manifest.Column{Name: c.Name, Type: c.Type})
	}
	f, err := j.s.newFile(p.path)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	packed := &counter{w: f}
	buffered := bufio.NewWriterSize(packed, chunk)
	deflate, err := flate.NewWriter(buffered, flate.DefaultCompression)
	if err != nil {
		return p, err
	}
	sum, crc := sha256.New(), crc32.NewIEEE()
	plain := &counter{w: io.MultiWriter(sum, crc, deflate)}
	ahead := newBehind(plain)
	p.Rows, p.lastSeq, err = j.rows(ctx, tx, m, i, ahead)
	if err := errors.Join(err, ahead.Close()); err != nil { // Close waits, whatever came before
		return p, err
	}
	if err := errors.Join(deflate.Close(), buffered.Flush()); err != nil {
		return p, err
	}
	p.Bytes, p.packed, p.crc = plain.n, packed.n, crc.Sum32()
	p.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return p, nil
}

// rows writes header and records as CSV, counts the records, and finds the
// greatest seq.
func (j *job) rows(ctx context.Context, tx *sql.Tx, m module, i int, w io.Writer) (n, last int64, err error) {
	out := j.csv.header(make([]byte, 0, chunk+4096), m.allColumns())
	if m.subscribed {
		start, end := j.bounds()
		// The driver watches a context that can end anew for every row. The
		// transaction ends with ctx too, and rows with it.
		rows, err := tx.QueryContext(context.WithoutCancel(ctx), `SELECT created_at, seq, updated_at, cells FROM records
			WHERE org_id = ? AND module = ? AND created_at >= ? AND created_at < ? ORDER BY created_at, seq`,
			j.b.org, m.key, millis(start), millis(end))
		if err != nil {
			return 0, 0, j.unreadable(ctx, m, err)
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		var r record
		for ; rows.Next(); n++ {
			if err := rows.Scan(&r.created, &r.seq, &r.updated, &r.raw); err != nil {
				return n, last, j.unreadable(ctx, m, err)
			}
			last = max(last, r.seq)
			if out, err = j.line(out, m, &r); err != nil {
				return n, last, &moduleError{m.key, err}
			}
			if len(out) < chunk {
				continue
			}
			if ctx.Err() != nil {
				return n, last, ctx.Err()
			}
			if _, err := w.Write(out); err != nil {
				return n, last, err
			}
			out = out[:0]
			j.tick(i, r.created, start, end, n+1)
		}
		if err := errors.Join(rows.Err(), ctx.Err()); err != nil {
			return n, last, j.unreadable(ctx, m, err)
		}
	}
	_, err = w.Write(out)
	return n, last, err
}

// line appends a record.
func (j *job) line(out []byte, m module, r *record) ([]byte, error) {
	if err := r.parse(); err != nil {
		return out, err
	}
	out, err := j.csv.cells(out, m.columns, r.cells)
	if err != nil {
		return out, err
	}
	for _, ms := range []int64{r.created, r.updated} {
		out = j.csv.time(append(out, j.csv.Separator...), instant(ms))
	}
	return append(out, j.csv.LineEnd...), nil
}

// unreadable is the error for a module that the database does not give, unless
// the job was told to stop. That may pass: the module is given up, and the
// backup made without it, only at the last attempt.
func (j *job) unreadable(ctx context.Context, m module, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case j.b.attempts+1 < attemptsMax:
		return fmt.Errorf("module %s: %w", m.key, err)
	}
	return &moduleError{m.key, err}
}

// bounds are the instants of the wanted days. What was over its time when the
// backup was asked for is not exported even if the sweeper has not come yet.
func (j *job) bounds() (start, end time.Time) {
	start, end = calendar.Range{From: j.b.From, Till: j.b.Till}.Bounds(j.loc)
	if kept := keptFrom(calendar.DayOf(j.b.PerformedAt, j.loc), j.loc); start.Before(kept) {
		start = kept
	}
	return start, end
}

// tick shows how far module i is, by the age of the record it has come to.
func (j *job) tick(i int, created int64, start, end time.Time, n int64) {
	share := float64(created-millis(start)) / float64(max(1, end.Sub(start).Milliseconds()))
	if j.p.tick(j.clock(), i, within{min(max(share, 0), 1), n}) {
		j.s.changes.tell()
	}
}

// record is one row of the records table.
type record struct {
	created, updated, seq int64
	raw                   sql.RawBytes
	cells                 []string
}

// parse reads the cells: a JSON array of texts.
func (r *record) parse() error {
	var plain bool
	if r.cells, plain = plainCells(r.cells[:0], r.raw); plain {
		return nil
	}
	r.cells = r.cells[:0]
	return json.Unmarshal(r.raw, &r.cells)
}

// counter counts what passes.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
