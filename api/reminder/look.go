package reminder

import (
	"cmp"
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// keptMonths is how long the server keeps a record (S3).
const keptMonths = 24

// Input is what an Outlook is computed from.
type Input struct {
	Report api.RetentionReport
	At     time.Time // when the server gave it, by this device's clock
	Err    error     // why there is no newer one
	Zone   *time.Location

	Held   []api.Backup // those with a verified copy on this device
	Server []api.Backup // those whose file the server has, as far as is known
	Others []api.Backup // those that another device has
}

// today is the organisation's day at that instant: the day of the report, and
// as many later as have passed here since. A clock that stands before the
// report is wrong, and tells nothing: then it is the last day that is known.
func (in Input) today(now time.Time, s State) calendar.Day {
	passed := calendar.DayOf(now, in.Zone).Since(calendar.DayOf(in.At, in.Zone))
	if passed < 0 && s.Last.After(in.Report.Today) {
		return s.Last
	}
	return in.Report.Today.AddDays(max(passed, 0))
}

// Look says what lies ahead at that instant. The report may be weeks old: what
// has been deleted since is left out.
func (in Input) Look(now time.Time, s State) Outlook {
	return in.survey().look(now, s)
}

// survey is an Input with everything in it that does not depend on the time.
type survey struct {
	Input
	held      holdings
	stretches []stretch // by the report's Upcoming
}

// stretch is who holds which days of the records that are about to be deleted.
type stretch struct{ held, elsewhere runs }

func (in Input) survey() survey {
	v := survey{Input: in, held: holdingsOf(in.Held, in.Zone)}
	elsewhere := holdingsOf(slices.Concat(in.Server, in.Others), in.Zone)
	for _, d := range in.Report.Upcoming {
		v.stretches = append(v.stretches, stretch{v.held.of(d.Module, d.StoredAt), elsewhere.of(d.Module, d.StoredAt)})
	}
	return v
}

func (v survey) look(now time.Time, s State) Outlook {
	o := Outlook{Today: v.today(now, s), At: v.At, Err: v.Err}
	for i, d := range v.Report.Upcoming {
		if due, ok := v.stretches[i].records(d, o.Today); ok {
			o.Due = append(o.Due, due)
		}
	}
	for _, a := range v.Report.Archives {
		if due, ok := v.file(a, o.Today); ok {
			o.Due = append(o.Due, due)
		}
	}
	slices.SortStableFunc(o.Due, func(a, b Due) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Place, b.Place))
	})
	o.Suggestion = v.suggestion(o.Due)
	o.SnoozedTill = s.snoozedTill(o)
	return o
}

// records is what is due of a stretch of records; false when it is held here,
// gone, or far off.
func (s stretch) records(d api.Deletion, today calendar.Day) (Due, bool) {
	days := calendar.Range{From: d.From, Till: d.Till}
	if !days.Valid() || d.Module == "" {
		return Due{}, false
	}
	if kept := calendar.Window(today, keptMonths).From; days.From.Before(kept) && !d.On.After(today) {
		days.From = kept // the report is old: so much is gone by now
	}
	days, open := s.held.outside(days)
	if !open {
		return Due{}, false
	}
	on := d.On
	if days.From != d.From || !on.After(today) {
		on = deletedOn(days.From)
	}
	left := on.Since(today)
	if left < 1 || left > Ladder[0] {
		return Due{}, false
	}
	due := Due{On: on, Days: left, Module: d.Module, Name: d.Name, Records: d.Records, From: days.From, Till: days.Till}
	if _, open := s.elsewhere.outside(days); !open || len(d.CoveredBy) > 0 {
		due.Place = OnServer
	}
	return due, true
}

// deletedOn is the day on which the records of a day are no longer kept: the
// first whose two years begin later.
func deletedOn(day calendar.Day) calendar.Day {
	on := day.AddMonths(keptMonths)
	for !calendar.Window(on, keptMonths).From.After(day) {
		on = on.AddDays(1)
	}
	return on
}

// file is a backup's file that the server is about to delete; false when what
// is in it is held here, when it is gone, or far off.
func (v survey) file(a api.ArchiveExpiry, today calendar.Day) (Due, bool) {
	on := calendar.DayOf(a.ExpiresAt, v.Zone)
	left := on.Since(today)
	if a.BackupID == "" || left < 0 || left > Ladder[0] || has(v.Held, a.BackupID) {
		return Due{}, false
	}
	due := Due{On: on, Days: left, BackupID: a.BackupID, Title: a.Title}
	if has(v.Others, a.BackupID) {
		due.Place = OnServer
	}
	for _, b := range v.Server {
		if b.ID != a.BackupID {
			continue
		}
		if v.held.contain(b, v.Zone) {
			return Due{}, false
		}
		// Files that go before this one are no help.
		later := slices.DeleteFunc(slices.Clone(v.Server), func(o api.Backup) bool {
			return o.ID == b.ID || o.ExpiresAt == nil || !o.ExpiresAt.After(a.ExpiresAt)
		})
		if holdingsOf(slices.Concat(later, v.Held, v.Others), v.Zone).contain(b, v.Zone) {
			due.Place = OnServer
		}
	}
	return due, true
}

func has(backups []api.Backup, id string) bool {
	return slices.ContainsFunc(backups, func(b api.Backup) bool { return b.ID == id })
}

// suggestion is a backup of the records that are in none. The server's own may
// be older than a copy that has arrived since.
func (v survey) suggestion(due []Due) *api.Suggestion {
	var g *api.Suggestion
	for _, d := range due {
		if d.BackupID == "" && d.Place == Nowhere {
			g = g.Including(d.Module, d.From, d.Till)
		}
	}
	if g != nil && v.Report.Suggestion != nil {
		place := func(key string) int { // the organisation's order, which the server knows
			if i := slices.Index(v.Report.Suggestion.Modules, key); i >= 0 {
				return i
			}
			return len(v.Report.Suggestion.Modules)
		}
		slices.SortStableFunc(g.Modules, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	}
	return g
}
