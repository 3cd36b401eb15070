package reminder

import (
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// runs are days, as ranges that neither touch nor overlap, the oldest first.
type runs []calendar.Range

// holdings are the days of each module that some backups hold wholly, together.
type holdings map[string]runs

func holdingsOf(backups []api.Backup, zone *time.Location) holdings {
	h := holdings{}
	for _, b := range backups {
		days, ok := wholeDays(b, zone)
		if !ok {
			continue
		}
		for _, m := range b.Modules {
			if m.Status == api.ModuleOK || m.Status == api.ModuleEmpty {
				h[m.Key] = append(h[m.Key], days)
			}
		}
	}
	for module, all := range h {
		h[module] = joined(all)
	}
	return h
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
		if _, open := h[m.Key].outside(days); open {
			return false
		}
	}
	return true
}
