package screens

import (
	"context"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"connectbackup/api"
)

func TestEstimateTexts(t *testing.T) { // B11
	over := func(title string, status api.Status, covers bool) api.Overlap {
		return api.Overlap{BackupID: title, Title: title, Status: status, Covers: covers}
	}
	done, pending := api.StatusCompleted, api.StatusPending
	for name, c := range map[string]struct {
		records  int64
		overlaps []api.Overlap
		want     string
		cover    string
	}{
		"nothing":       {0, nil, "There are no records in this choice.", ""},
		"one":           {1, nil, "1 row, 18.0 MB.", ""},
		"few":           {999, nil, "999 rows, 18.0 MB.", ""},
		"round already": {19_400, nil, "19,400 rows, 18.0 MB.", ""},
		"many":          {19_449, nil, "About 19,400 rows, 18.0 MB.", ""},
		"rounded up":    {999_600, nil, "About 1,000,000 rows, 18.0 MB.", ""},
		"overlap":       {9, []api.Overlap{over("A", done, false)}, "9 rows, 18.0 MB. Overlaps “A”.", ""},
		"two overlaps":  {9, []api.Overlap{over("A", done, false), over("B", done, false)}, "9 rows, 18.0 MB. Overlaps “A” and one other.", ""},
		"three":         {9, []api.Overlap{over("A", done, false), over("B", done, false), over("C", done, false)}, "9 rows, 18.0 MB. Overlaps “A” and 2 others.", ""},
		"held":          {9, []api.Overlap{over("A", done, false), over("B", done, true)}, "9 rows, 18.0 MB.", "“B” already holds all of this."},
		"in the making": {9, []api.Overlap{over("A", pending, true)}, "9 rows, 18.0 MB.", "“A” is being prepared and will hold all of this."},
		"held and made": {9, []api.Overlap{over("A", pending, true), over("B", done, true)}, "9 rows, 18.0 MB.", "“B” already holds all of this."},
	} {
		e := api.Estimate{Records: c.records, ArchiveBytes: 18_000_000, Overlaps: c.overlaps}
		if got := estimateText(e); got != c.want {
			t.Errorf("%s: got %q", name, got)
		}
		cover, ok := coverOf(e)
		if ok != (c.cover != "") || ok && coverText(cover) != c.cover {
			t.Errorf("%s: covered by %+v", name, cover)
		}
	}
}

func TestFormatHints(t *testing.T) {
	comma, semicolon, plain := formatHint(api.ProfileExcel, "en-GB"), formatHint(api.ProfileExcel, "de-DE"), formatHint(api.ProfilePlain, "de-DE")
	if comma == semicolon || semicolon == plain || formatHint(api.ProfileExcel, "no locale") != comma {
		t.Errorf("got %q, %q, %q", comma, semicolon, plain)
	}
}

// Who ticks several modules asks once, when they rest; an answer to an earlier
// choice is dropped.
func TestEstimateWaitsAndDropsLateAnswers(t *testing.T) {
	rest := make(chan time.Time)
	s := newStage(t)
	s.world.after = func(time.Duration) <-chan time.Time { return rest }
	s.put(NewCreate(s.world.needs(), s.nav, nil), phoneWidth, phoneHeight)
	s.waitToSee("Counting what this will hold")
	s.tap("Attendance")
	s.tap("Leave")
	if n := len(s.world.estimates); n != 0 {
		t.Fatalf("asked %d times before the person rested", n)
	}
	close(rest)
	s.waitToSee("About 50,600 rows")
	s.Settle()
	if n := len(s.world.estimates); n != 1 {
		t.Errorf("asked %d times", n)
	}
	late := make(chan struct{})
	s.world.estimate = func(_ context.Context, e api.EstimateRequest) (api.Estimate, error) {
		if len(e.Modules) == 12 {
			<-late
		}
		return api.Estimate{Records: int64(len(e.Modules)), ArchiveBytes: 1000, Modules: []api.ModuleEstimate{}}, nil
	}
	s.tap("Attendance")
	s.tap("Leave")
	s.waitToSee("13 rows, 1.0 kB.")
	close(late)
	s.Settle()
	s.mustSee("13 rows, 1.0 kB.")
	s.tap("None")
	s.mustNotSee("rows, 1.0 kB.", "Counting")
}

func TestEstimateWithoutTheServer(t *testing.T) {
	s := showForm(t, nil, func(s *stage) {
		s.world.estimate = func(context.Context, api.EstimateRequest) (api.Estimate, error) { return api.Estimate{}, errOffline }
	})
	s.mustSee("How much this will hold is not known now.")
	if s.disabled("Create backup") {
		t.Error("a backup depends on its estimate")
	}
}

// What another backup holds already is a tap away.
func TestCoveredLeadsThere(t *testing.T) {
	s := newStage(t)
	s.show(overlapping(api.Overlap{BackupID: "year-end", Title: "Year end", Status: api.StatusCompleted, Covers: true})(s))
	s.mustSee("“Year end” already holds all of this.")
	s.tap("Show")
	if s.nav.last() != "backup year-end" {
		t.Errorf("went %v", s.nav.went)
	}
}

// A reminder leads to a filled-in form whose title says so (B5), and what it
// reaches back to is moved up to what is still kept.
func TestFormFromAReminder(t *testing.T) {
	s := showForm(t, &api.NewBackup{From: day("2024-01-01"), Till: day("2024-12-31"), Modules: []string{"invoices"}}, nil)
	s.mustSee("23 Nov 2024", "31 Dec 2024", "1 of 13")
	if got := s.entry(0).Text; got != "Before deletion, 23 Nov 2024 – 31 Dec 2024" {
		t.Errorf("the title is %q", got)
	}
}

func TestFormatIsSent(t *testing.T) {
	s := showForm(t, nil, func(s *stage) { s.world.account.Organisation.Locale = "de-DE" })
	s.mustSee("semicolons between values")
	s.tap("Plain CSV")
	s.mustSee("For other programs")
	s.tap("Create backup")
	s.Until("the list", func() bool { return s.nav.last() == "backups" })
	if got := s.world.created[0].CSVProfile; got != api.ProfilePlain {
		t.Errorf("sent %q", got)
	}
}

// 1 July 2021, with today in 2022, is a tap on the year and one on the day; by
// keyboard too (S30 to S33).
func TestFirstOfJuly2021(t *testing.T) {
	s := showForm(t, nil, func(s *stage) { s.world.now = time.Date(2022, 7, 15, 9, 0, 0, 0, time.UTC) })
	s.tap("15 Jul 2020")
	s.mustSee("2022", "2021", "2020")
	s.mustNotSee("2019", "2023")
	s.tap("2021")
	s.tap("1")
	s.mustSee("Thursday, 1 July 2021")
	s.tap("Cancel")
	s.mustSee("15 Jul 2020")
	s.tap("15 Jul 2020")
	s.tap("2021")
	s.tap("1")
	s.tap("OK")
	s.mustSee("1 Jul 2021", "15 Jul 2022")
	s.tap("15 Jul 2022")
	s.press(fyne.KeyPageUp)
	s.press(fyne.KeyLeft)
	s.press(fyne.KeyReturn)
	s.mustSee("14 Jun 2022")
	s.tap("Create backup")
	s.Until("the list", func() bool { return s.nav.last() == "backups" })
	if sent := s.world.created[0]; sent.From != day("2021-07-01") || sent.Till != day("2022-06-14") {
		t.Errorf("sent %+v", sent)
	}
}
