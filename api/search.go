package api

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"connectbackup/api/calendar"
)

// SearchText is what a search for backups looks through, folded: title, names
// of the modules, file name, and the days from, till and performed, each in
// the forms 2021-07-01 and 1 July 2021 (requirement S7).
func (b Backup) SearchText() string {
	loc, err := time.LoadLocation(b.Timezone)
	if err != nil {
		loc = time.UTC
	}
	parts := []string{b.Title}
	for _, m := range b.Modules {
		parts = append(parts, m.Name)
	}
	if b.Archive != nil {
		parts = append(parts, b.Archive.FileName)
	}
	days := []calendar.Day{b.From, b.Till}
	if !b.PerformedAt.IsZero() {
		days = append(days, calendar.DayOf(b.PerformedAt, loc))
	}
	for _, d := range days {
		if d.IsZero() {
			continue
		}
		t := time.Date(d.Year, d.Month, d.Date, 0, 0, 0, 0, time.UTC)
		parts = append(parts, d.String(), t.Format("2 January 2006"))
	}
	return calendar.Fold(strings.Join(parts, " \u00B7 "))
}

// SearchWords are the folded words of a search. A backup is found when every
// one of them stands somewhere in its SearchText, also inside a word.
func SearchWords(q string) []string { return strings.Fields(calendar.Fold(q)) }

// Matches reports whether q, leaving its Limit and Cursor aside, finds b.
func (q ListQuery) Matches(b Backup) bool {
	if q.Status != "" && q.Status != b.Status || !q.Covers.IsZero() && (q.Covers.Before(b.From) || q.Covers.After(b.Till)) {
		return false
	}
	if q.Module != "" && !slices.ContainsFunc(b.Modules, func(m BackupModule) bool { return m.Key == q.Module }) {
		return false
	}
	words := SearchWords(q.Q)
	if len(words) == 0 {
		return true
	}
	text := b.SearchText()
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// CompareBackups orders backups as lists do: pending ones first, then by when
// they were performed, the newest first.
func CompareBackups(a, b Backup) int {
	rank := func(b Backup) int {
		if b.Status == StatusPending {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), b.PerformedAt.Compare(a.PerformedAt), cmp.Compare(b.ID, a.ID))
}
