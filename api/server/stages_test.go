package server

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"hash/crc32"
	"io"
	"testing"
	"time"

	"github.com/klauspost/compress/flate"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// BenchmarkStages prints where the time of a job goes, in nanoseconds a record
// of messages: reading the rows, making CSV of them, hashing and compressing.
// Each is measured with what comes before it, and told without.
func BenchmarkStages(b *testing.B) {
	dir := b.TempDir()
	s, w, r := serverIn(b, Config{Dir: dir})
	if _, err := s.SeedDemo(b.Context()); err != nil {
		b.Fatal(err)
	}
	messages := demoModules()[8]
	today := calendar.DayOf(time.Now(), time.UTC)
	j := &job{
		s: s, p: &progress{within: make([]within, 1)}, dir: dir, loc: time.UTC, csv: newCSVStyle("excel", "en-GB", time.UTC),
		surroundings: surroundings{clock: time.Now, pace: noPace},
	}
	j.b.org, j.b.From, j.b.Till, j.b.PerformedAt, j.b.Modules = 1, today.AddMonths(-24), today, time.Now(), make([]api.BackupModule, 1)
	tx, err := r.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	var scan, csv, deflate time.Duration
	var records int64
	for b.Loop() {
		begin := time.Now()
		if err := scanAll(tx); err != nil {
			b.Fatal(err)
		}
		scanned := time.Since(begin)
		begin = time.Now()
		if _, _, err := j.rows(b.Context(), tx, messages, 0, io.Discard); err != nil {
			b.Fatal(err)
		}
		written := time.Since(begin)
		var text bytes.Buffer
		n, _, err := j.rows(b.Context(), tx, messages, 0, &text)
		if err != nil {
			b.Fatal(err)
		}
		begin = time.Now()
		squeeze, err := flate.NewWriter(io.Discard, flate.DefaultCompression)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.MultiWriter(sha256.New(), crc32.NewIEEE(), squeeze).Write(text.Bytes()); err != nil {
			b.Fatal(err)
		}
		if err := squeeze.Close(); err != nil {
			b.Fatal(err)
		}
		scan, csv, deflate, records = scan+scanned, csv+written-scanned, deflate+time.Since(begin), records+n
	}
	for name, took := range map[string]time.Duration{"scan": scan, "csv": csv, "deflate": deflate} {
		b.ReportMetric(float64(took.Nanoseconds())/float64(records), name+"-ns/record")
	}
	for _, c := range []func() error{tx.Rollback, s.Close, r.Close, w.Close} {
		if err := c(); err != nil {
			b.Fatal(err)
		}
	}
}

// scanAll reads all messages and does nothing with them.
func scanAll(tx *sql.Tx) (err error) {
	rows, err := tx.Query("SELECT created_at, updated_at, cells FROM records WHERE org_id = 1 AND module = 'messages' ORDER BY created_at, seq")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for v := (record{}); rows.Next(); {
		if err := rows.Scan(&v.created, &v.updated, &v.raw); err != nil {
			return err
		}
	}
	return rows.Err()
}
