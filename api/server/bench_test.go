package server

import (
	"context"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// BenchmarkSeedDemo prints what the first start of the demo takes.
func BenchmarkSeedDemo(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		s, w, r := serverIn(b, Config{Dir: dir})
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
	s, w, r := serverIn(b, Config{Dir: dir})
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

// BenchmarkList prints how long a page of 100,000 backups takes, whatever is
// asked for.
func BenchmarkList(b *testing.B) {
	dir := b.TempDir()
	s, w, r := serverIn(b, Config{Dir: dir, Demo: DemoOptions{Scale: 0.01}})
	if _, err := s.SeedDemo(b.Context()); err != nil {
		b.Fatal(err)
	}
	if _, err := w.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		INSERT INTO backups (public_id, org_id, title, status, from_day, till_day, timezone, locale, csv_profile, modules, module_keys,
			request_hash, search, performed_at, created_by, device_id, device_name, device_platform)
		SELECT 'bkp_' || i, org_id, 'Backup ' || i, 'failed', date('2020-01-01', (i % 1500) || ' days'), date('2020-01-08', (i % 1500) || ' days'),
			timezone, locale, csv_profile, modules, module_keys, x'00', 'backup ' || i || ' staff customers departments attendance leave tasks appointments',
			1500000000000 + i * 1000, created_by, 'd', 'd', 'd' FROM n, (SELECT * FROM backups WHERE title = 'Last week, everything')`); err != nil {
		b.Fatal(err)
	}
	who := &identity{orgID: 1, userID: 1}
	for name, in := range map[string]listInput{
		"all": {}, "common word": {Q: "staff"}, "no such word": {Q: "nothing like it"}, "module": {Module: "staff"},
		"unknown module": {Module: "x"}, "covers": {Covers: "2021-03-01"}, "covers none": {Covers: "2019-01-01"}, "status": {Status: "completed"},
	} {
		b.Run(name, func(b *testing.B) {
			ctx := context.WithValue(b.Context(), identityKey{}, who)
			for b.Loop() {
				if _, err := s.listBackups(ctx, &in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, c := range []func() error{s.Close, r.Close, w.Close} {
		if err := c(); err != nil {
			b.Fatal(err)
		}
	}
}
