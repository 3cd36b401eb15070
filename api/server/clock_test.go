package server

import (
	"os"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// dated is an organisation of the simulation, and what must be true of it.
type dated struct {
	id      int64
	email   string
	loc     *time.Location
	made    []int64 // instants of its records in each module, ascending
	gone    int     // how many of them must be swept
	backups []dueFile
	expired int // how many of them must be gone
}

type dueFile struct {
	id      string
	expires time.Time
}

// twoYearsBefore is the oldest kept day on a day, as a number YYYYMMDD. It is
// reckoned without package calendar: only 29 February has no day of its own.
func twoYearsBefore(t time.Time) int {
	y, m, d := t.Date()
	y -= 2
	if leap := y%4 == 0 && (y%100 != 0 || y%400 == 0); m == time.February && d == 29 && !leap {
		d = 28
	}
	return y*10000 + int(m)*100 + d
}

func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return y*10000 + int(m)*100 + d
}

func twoYearsAfter(t time.Time) time.Time {
	y, m, d := t.Date()
	if m == time.February && d == 29 {
		d = 28 // neither year two years from a leap year is one
	}
	return time.Date(y+2, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}

// check compares the tables and the disk with what must be true now.
func (o *dated) check(w *world, now time.Time) {
	w.Helper()
	oldest := twoYearsBefore(now.In(o.loc))
	for o.gone < len(o.made) && dayNumber(time.UnixMilli(o.made[o.gone]).In(o.loc)) < oldest {
		o.gone++
	}
	var first int64
	if err := w.r.QueryRow("SELECT MIN(created_at) FROM records WHERE org_id = ? AND module = 'departments'", o.id).Scan(&first); err != nil {
		w.Fatal(err)
	}
	if first != o.made[o.gone] {
		w.Fatalf("%v: the oldest is of %v, not of %v", now.In(o.loc), time.UnixMilli(first).In(o.loc), time.UnixMilli(o.made[o.gone]).In(o.loc))
	}
	// Those around the one that is due next; all of them now and then.
	for o.expired < len(o.backups) && !now.Before(o.backups[o.expired].expires) {
		o.expired++
	}
	near := o.backups[max(0, o.expired-2):min(len(o.backups), o.expired+2)]
	if now.In(o.loc).Day() == 1 {
		near = o.backups
	}
	for _, b := range near {
		_, err := os.Stat(w.s.archivePath(b.id))
		if there := err == nil; there != now.Before(b.expires) {
			w.Fatalf("%v: the archive that goes at %v is there: %v", now, b.expires, there)
		}
	}
}

// live is one day of the organisation, from its first to its last instant.
func (o *dated) live(w *world, day time.Time) {
	w.Helper()
	y, m, d := day.Date()
	start := time.Date(y, m, d, 0, 0, 0, 0, o.loc)
	for start.Day() != d { // the clock jumps over midnight, and time.Date may give the hour before
		start = start.Add(time.Hour)
	}
	end := time.Date(y, m, d, 23, 59, 59, 999e6, o.loc)
	w.clock.set(start)
	if err := w.s.Sweep(w.Context()); err != nil {
		w.Fatal(err)
	}
	at := []int64{millis(start), millis(start.Add(12 * time.Hour)), millis(end)}
	o.made = append(o.made, at...)
	var rows []any
	for i, ms := range at {
		rows = append(rows, o.id, "departments", ms, i, ms, `["1","n","1","b","1"]`)
	}
	if _, err := w.w.Exec(insertRecords(len(rows)/6), rows...); err != nil {
		w.Fatal(err)
	}
	o.check(w, start)
	if d == 1 || special(start) {
		o.backUp(w, time.Date(y, m, d, 2, 30, 0, 0, o.loc)) // a time that some days do not have, and others twice
	}
	if d%7 != 0 && !special(start) {
		return
	}
	// Whatever is due today is due from the first instant to the last.
	w.clock.set(end)
	if err := w.s.Sweep(w.Context()); err != nil {
		w.Fatal(err)
	}
	o.check(w, end)
}

// special days are the last two of February, the first of March, and those on
// which the clock changes, with the day before.
func special(start time.Time) bool {
	_, m, d := start.Date()
	day := start.AddDate(0, 0, 1).Sub(start)
	next := start.AddDate(0, 0, 2).Sub(start.AddDate(0, 0, 1))
	return m == time.February && d >= 28 || m == time.March && d == 1 || day != 24*time.Hour || next != 24*time.Hour
}

func (o *dated) backUp(w *world, now time.Time) {
	w.Helper()
	w.clock.set(now)
	today := calendar.DayOf(now, o.loc)
	b := w.make(w.signedIn(o.email), api.NewBackup{Title: "On " + today.String(), From: today.AddDays(-1), Till: today, Modules: []string{"departments"}})
	wants := twoYearsAfter(now)
	if !b.ExpiresAt.Equal(wants) {
		w.Fatalf("completed %v, expires %v, want %v", now, b.ExpiresAt.In(o.loc), wants)
	}
	var want int64 // what yesterday and today have
	for _, ms := range o.made[max(0, len(o.made)-6):] {
		if day := calendar.DayOf(time.UnixMilli(ms), o.loc); !day.Before(today.AddDays(-1)) {
			want++
		}
	}
	if b.Modules[0].Records != want {
		w.Fatalf("on %v: %d records, want %d", today, b.Modules[0].Records, want)
	}
	o.backups = append(o.backups, dueFile{b.ID, wants})
}

// TestThreeYearsDayByDay (S3, S16, I10): over leap days and every change of the
// clock, in three zones, one of which changes it at midnight, each record and
// each archive is there to its last instant, and gone at the first sweep after.
// The first zone lives through every day, the others through every sixth and
// all special ones.
func TestThreeYearsDayByDay(t *testing.T) {
	for zone, every := range map[string]int{"Europe/Berlin": 1, "Pacific/Auckland": 6, "Africa/Cairo": 6} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			loc, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			w := emptyWorld(t)
			o := &dated{loc: loc}
			o.id, o.email = w.organisation("Long", zone, "en-GB")
			for _, statement := range []string{
				"DELETE FROM modules WHERE key <> 'departments'",
				"PRAGMA synchronous = OFF", // nobody pulls the plug here
			} {
				if _, err := w.w.Exec(statement); err != nil {
					t.Fatal(err)
				}
			}
			last := time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)
			for day := last.AddDate(-3, 0, 0); !day.After(last); day = day.AddDate(0, 0, 1) {
				y, m, d := day.Date()
				if every := d%every == 0; every || d == 1 || special(time.Date(y, m, d, 1, 0, 0, 0, loc)) {
					o.live(w, day)
				}
			}
			if got := w.count("SELECT COUNT(*) FROM records"); got != len(o.made)-o.gone || o.gone < 200 || o.expired < 12 {
				t.Errorf("%d records are left, %d are gone of %d, and %d archives", got, o.gone, len(o.made), o.expired)
			}
		})
	}
}
