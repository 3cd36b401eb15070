package reminder

import (
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// runs are days, as ranges that neither touch nor overlap, the oldest first.
type runs []calendar.Range

// holding is a stretch of days of a module that a backup holds wholly, as they
// were at the moment of its snapshot.
type holding struct {
	days calendar.Range
	asOf time.Time
}

// holdings are what some backups hold together, by module.
type holdings map[string][]holding

func holdingsOf(backups []api.Backup, zone *time.Location) holdings {
	h := holdings{}
	for _, b := range backups {
		days, ok := wholeDays(b, zone)
		if !ok {
			continue
		}
		for _, m := range b.Modules {
			if m.Status == api.ModuleOK || m.Status == api.ModuleEmpty {
				h[m.Key] = append(h[m.Key], holding{days, *b.DataAsOf})
			}
		}
	}
	return h
}

// of are the days of a module that are held with all records that had come to
// the server by then: records can come long after they were made, and a backup
// of before lacks them. Nil: the server does not say that any did.
func (h holdings) of(module string, stored *time.Time) runs {
	var all runs
	for _, one := range h[module] {
		if stored == nil || !one.asOf.Before(*stored) {
			all = append(all, one.days)
		}
	}
	return joined(all)
}

// wholeDays are the days that a backup holds to their end: one that was made
// before a day was over may lack records of it.
func wholeDays(b api.Backup, zone *time.Location) (calendar.Range, bool) {
	if b.DataAsOf == nil {
		return calendar.Range{}, false
	}
	days := calendar.Range{From: b.From, Till: b.Till}
	if over := calendar.DayOf(*b.DataAsOf, zone).AddDays(-1); days.Till.After(over) {
		days.Till = over
	}
	return days, days.Valid()
}

// joined puts together what touches or overlaps.
func joined(all runs) runs {
	slices.SortFunc(all, func(a, b calendar.Range) int { return a.From.Compare(b.From) })
	var out runs
	for _, r := range all {
		if n := len(out); n > 0 && !r.From.After(out[n-1].Till.AddDays(1)) {
			if r.Till.After(out[n-1].Till) {
				out[n-1].Till = r.Till
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// outside are the days of r from the first to the last that the runs lack;
// false when they lack none.
func (all runs) outside(r calendar.Range) (calendar.Range, bool) {
	for _, run := range all {
		if run.Contains(r.From) {
			r.From = run.Till.AddDays(1)
		}
	}
	for _, run := range all {
		if r.Valid() && run.Contains(r.Till) {
			r.Till = run.From.AddDays(-1)
		}
	}
	return r, r.Valid()
}

// contain reports whether everything that stands in b is held. Its last day may
// be one that it holds in part: then that day has to be held wholly.
func (h holdings) contain(b api.Backup, zone *time.Location) bool {
	if b.DataAsOf == nil {
		return false
	}
	days := calendar.Range{From: b.From, Till: b.Till}
	if day := calendar.DayOf(*b.DataAsOf, zone); days.Till.After(day) {
		days.Till = day
	}
	if !days.Valid() || len(b.Modules) == 0 {
		return false
	}
	for _, m := range b.Modules {
		if m.Status != api.ModuleOK || m.Records == 0 {
			continue // nothing of it is lost
		}
		if _, open := h.of(m.Key, m.StoredAt).outside(days); open {
			return false
		}
	}
	return true
}
