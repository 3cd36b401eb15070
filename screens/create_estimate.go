package screens

import (
	"context"
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/screens/lang"
)

// estimateAfter is how long the form rests before the server is asked what the
// choice would hold: who ticks five modules asks once.
const estimateAfter = 400 * time.Millisecond

// estimateOf is what to ask of a form; false when there is nothing to ask.
func estimateOf(f api.NewBackup, r reasons) (api.EstimateRequest, bool) {
	ok := len(f.Modules) > 0 && r[fieldFrom] == "" && r[fieldTill] == "" && r[fieldModules] == ""
	return api.EstimateRequest{From: f.From, Till: f.Till, Modules: f.Modules}, ok
}

func sameEstimate(a, b api.EstimateRequest) bool {
	return a.From == b.From && a.Till == b.Till && slices.Equal(a.Modules, b.Modules)
}

// estimateText says what a backup would hold, and what it has in common with
// others (requirement B11): "About 19,400 rows, 18.4 MB. Overlaps “Year end 2025”."
func estimateText(e api.Estimate) string {
	if e.Records == 0 {
		return lang.L("There are no records in this choice.")
	}
	rows := roughly(e.Records)
	text := plural("{{.Count}} rows, {{.Size}}.", int(e.Records), blanks{"Size": sizeText(e.ArchiveBytes)})
	if rows != e.Records {
		text = plural("About {{.Count}} rows, {{.Size}}.", int(rows), blanks{"Size": sizeText(e.ArchiveBytes)})
	}
	return twoSentences(text, overlapText(e))
}

// roughly keeps the first three digits of a number: more would promise too much.
func roughly(n int64) int64 {
	if n < 1000 {
		return n
	}
	unit := int64(1)
	for n/unit >= 1000 {
		unit *= 10
	}
	return (n + unit/2) / unit * unit
}

// overlapText names the newest backup that has some of it already. One that
// has all of it is told by coverOf.
func overlapText(e api.Estimate) string {
	if _, all := coverOf(e); all || len(e.Overlaps) == 0 {
		return ""
	}
	title := blanks{"Title": e.Overlaps[0].Title}
	if more := len(e.Overlaps) - 1; more > 0 {
		return plural("Overlaps “{{.Title}}” and {{.Count}} others.", more, title)
	}
	return lang.L("Overlaps “{{.Title}}”.", title)
}

// coverOf is the backup that holds all of what is planned; one that is
// completed comes before one that is still being prepared.
func coverOf(e api.Estimate) (api.Overlap, bool) {
	for _, status := range []api.Status{api.StatusCompleted, api.StatusPending} {
		for _, o := range e.Overlaps {
			if o.Covers && o.Status == status {
				return o, true
			}
		}
	}
	return api.Overlap{}, false
}

func coverText(o api.Overlap) string {
	if o.Status == api.StatusPending {
		return lang.L("“{{.Title}}” is being prepared and will hold all of this.", blanks{"Title": o.Title})
	}
	return lang.L("“{{.Title}}” already holds all of this.", blanks{"Title": o.Title})
}

// estimate asks what the choice would hold, once the person rests. An answer to
// an earlier choice is dropped.
func (s *create) estimate() {
	f := s.values()
	e, ok := estimateOf(f, checkForm(f, s.window(), len(s.modules)))
	if !ok || !s.loadedAll {
		s.estimating.drop()
		s.asked = api.EstimateRequest{}
		s.showEstimate("", api.Overlap{})
		return
	}
	if sameEstimate(e, s.asked) {
		return
	}
	s.asked = e
	s.showEstimate(lang.L("Counting what this will hold"), api.Overlap{})
	n := s.n
	ask(&s.work, &s.estimating, func(ctx context.Context) (api.Estimate, error) {
		select {
		case <-n.After(estimateAfter):
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil { // both may have come: nobody waits for it any more
			return api.Estimate{}, err
		}
		return n.Backups.Estimate(ctx, e)
	}, s.onEstimated)
}

func (s *create) onEstimated(e api.Estimate, err error) {
	if err != nil { // nothing depends on it: a quiet word is enough
		s.asked = api.EstimateRequest{}
		s.showEstimate(lang.L("How much this will hold is not known now."), api.Overlap{})
		return
	}
	cover, _ := coverOf(e)
	s.showEstimate(estimateText(e), cover)
}

// showEstimate shows the words above the button, and a way to the backup that
// holds all of it; the zero Overlap is none.
func (s *create) showEstimate(text string, cover api.Overlap) {
	s.sizes.SetText(text)
	show(s.sizes, text != "")
	show(s.covered, cover.BackupID != "")
	if cover.BackupID != "" {
		s.covered.SetText(coverText(cover))
		s.covered.SetAction(lang.L("Show"), func() { s.nav.ShowBackup(cover.BackupID) })
	}
	s.object.Refresh()
}

// formatHint says what a CSV profile is for, and how its values are written
// where the organisation is.
func formatHint(profile, locale string) string {
	switch {
	case profile == api.ProfilePlain:
		return lang.L("For other programs: commas between values, decimal points and times in UTC, everywhere the same.")
	case api.DecimalComma(locale):
		return lang.L("Opens in Excel with a double click: semicolons between values and decimal commas, as usual where your organisation is.")
	}
	return lang.L("Opens in Excel with a double click: commas between values and decimal points, as usual where your organisation is.")
}
