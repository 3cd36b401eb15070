package server

import (
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// BenchmarkSeedDemo prints what the first start of the demo takes.
func BenchmarkSeedDemo(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		w, r, err := openFiles(dir)
		if err != nil {
			b.Fatal(err)
		}
		s, err := Open(b.Context(), Config{Write: w, Read: r, Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.SeedDemo(b.Context()); err != nil {
			b.Fatal(err)
		}
		for _, c := range []func() error{s.Close, r.Close, w.Close} {
			if err := c(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkJob prints rows and bytes of CSV a second of a whole export:
// collected, packed, verified and published.
func BenchmarkJob(b *testing.B) {
	dir := b.TempDir()
	w, r, err := openFiles(dir)
	if err != nil {
		b.Fatal(err)
	}
	s, err := Open(b.Context(), Config{Write: w, Read: r, Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.SeedDemo(b.Context()); err != nil {
		b.Fatal(err)
	}
	d := &demoSeed{s: s, loc: time.UTC, locale: "en-GB", users: []int64{1}, org: 1}
	today := calendar.DayOf(time.Now(), time.UTC)
	var rows, bytes int64
	for b.Loop() {
		if err := d.perform(b.Context(), earlier{title: "x", performed: today, from: today.AddMonths(-24), till: today, device: demoDesk}); err != nil {
			b.Fatal(err)
		}
		last, err := scanBackup(r.QueryRow(selectBackup + "ORDER BY b.id DESC LIMIT 1"))
		if err != nil || last.Status != api.StatusCompleted {
			b.Fatal(err, last.Status)
		}
		for _, m := range last.Modules {
			rows, bytes = rows+m.Records, bytes+m.Bytes
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(bytes)/1e6/b.Elapsed().Seconds(), "CSV-MB/s")
	for _, c := range []func() error{s.Close, r.Close, w.Close} {
		if err := c(); err != nil {
			b.Fatal(err)
		}
	}
}
