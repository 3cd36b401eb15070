package screens

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/device/download"
	"connectbackup/screens/widgets"
)

func TestStatusMarks(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []struct {
		b    api.Backup
		text string
		tone widgets.Tone
	}{
		{pendingSample(), "Pending", widgets.Waiting},
		{sample(), "Completed", widgets.Good},
		{partialSample(), "Partial", widgets.Good},
		{failedSample(), "Failed", widgets.Bad},
		{withStatus("x", "x", api.StatusCancelled, 0), "Cancelled", widgets.Neutral},
		{expiredSample(), "Expired", widgets.Neutral},
		{withStatus("x", "x", api.StatusDeleted, 0), "Deleted", widgets.Neutral},
		{withStatus("x", "x", "archived", 0), "Unknown status", widgets.Neutral},
	} {
		m := statusMark(c.b)
		if m.Text != c.text || m.Tone != c.tone || m.Icon == "" {
			t.Errorf("%s: got %+v", c.text, m)
		}
		seen[m.Text] = true
	}
	if len(seen) != 8 {
		t.Errorf("two statuses share a word: %v", seen)
	}
}

func TestRows(t *testing.T) {
	for name, c := range map[string]struct {
		source rowSource
		want   string
	}{
		"pending":     {rowSource{Backup: pendingSample()}, "Invoices only, Pending, 23 Nov 2024 – 23 Nov 2026 · 1 module, 42%, Collecting Invoices"},
		"queued":      {rowSource{Backup: queuedSample()}, "Staff and leave, for the auditor, Pending, 23 Nov 2024 – 23 Nov 2026 · 2 modules, Waiting for its turn"},
		"here":        {rowSource{Backup: sample(), Copy: copyOf(sample(), download.CopyPresent)}, "Year end 2026, Completed, 23 Nov 2024 – 23 Nov 2026 · 13 modules, Performed 2 hours ago · 18.4 MB, On this device"},
		"gone":        {rowSource{Backup: sample(), Copy: copyOf(sample(), download.CopyGone)}, "Year end 2026, Completed, 23 Nov 2024 – 23 Nov 2026 · 13 modules, Performed 2 hours ago · 18.4 MB, No longer here"},
		"downloading": {rowSource{Backup: sample(), State: download.State{Phase: download.Running, Done: 1, Total: 4}}, "Year end 2026, Completed, 23 Nov 2024 – 23 Nov 2026 · 13 modules, 25%, Downloading"},
		"failed":      {rowSource{Backup: failedSample()}, "Messages of the summer, Failed, 1 Jun 2026 – 31 Aug 2026 · 1 module, Performed a day ago"},
	} {
		if got := newBackupRow(c.source, testNow, time.UTC).spoken(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestTransferTexts(t *testing.T) {
	words := func(err error) (string, string) { return "What: " + err.Error(), "Next." }
	base := download.State{Done: 7_100_000, Total: 18_400_000, Left: -1}
	state := func(p download.Phase, change func(*download.State)) download.State {
		s := base
		s.Phase = p
		if change != nil {
			change(&s)
		}
		return s
	}
	for name, c := range map[string]struct {
		s                     download.State
		title, words          string
		pause, resume, cancel bool
	}{
		"running": {
			state(download.Running, func(s *download.State) { s.Rate, s.Left = 6_200_000, 1900*time.Millisecond }),
			"Downloading", "7.1 MB of 18.4 MB · 6.2 MB/s · 2 s left", true, false, true,
		},
		"just begun": {state(download.Running, nil), "Downloading", "7.1 MB of 18.4 MB", true, false, true},
		"of unknown size": {
			state(download.Running, func(s *download.State) { s.Total, s.Rate = -1, 6_200_000 }),
			"Downloading", "7.1 MB · 6.2 MB/s", true, false, true,
		},
		"paused":    {state(download.Paused, nil), "Paused", "7.1 MB of 18.4 MB", false, true, true},
		"verifying": {state(download.Verifying, nil), "Checking the file", "18.4 MB, compared with what the server made", false, false, true},
		"waiting": {
			state(download.Waiting, func(s *download.State) { s.Err = errors.New("cut") }),
			"Waiting for the connection. The download goes on by itself.", "What: cut", true, false, true,
		},
		"failed": {
			state(download.Failed, func(s *download.State) { s.Err = errors.New("disk full") }),
			"What: disk full", "Next.", false, true, true,
		},
		"failed without a word": {state(download.Failed, nil), "The download stopped.", "", false, true, true},
	} {
		p := transferProgress(c.s, words)
		if p.Title != c.title || p.Words != c.words || p.Pause != c.pause || p.Resume != c.resume || p.Cancel != c.cancel {
			t.Errorf("%s: got %+v", name, p)
		}
	}
	if f := transferProgress(state(download.Running, func(s *download.State) { s.Total = -1 }), words).Fraction; f >= 0 {
		t.Errorf("a download of unknown size is shown as %v done", f)
	}
}

func TestFileTexts(t *testing.T) {
	around := surroundings{DeviceID: "dev_1", Now: testNow, Zone: time.UTC}
	elsewhere := with(func(b *api.Backup) { b.CreatedOn.ID = "dev_2" })
	for name, c := range map[string]struct {
		b    api.Backup
		copy download.CopyState
		want fileWords
	}{
		"performed here":      {sample(), download.CopyNone, fileWords{Name: "here.zip", Note: "18.4 MB, not in Downloads yet"}},
		"performed elsewhere": {elsewhere, download.CopyNone, fileWords{Note: "18.4 MB, not on this device"}},
		"here":                {elsewhere, download.CopyPresent, fileWords{Name: sample().Archive.FileName, Note: "Downloads · 18.4 MB", Verified: true}},
		"deleted":             {sample(), download.CopyGone, fileWords{Name: sample().Archive.FileName, Note: "Deleted from this device, or moved."}},
		"changed": {sample(), download.CopyChanged, fileWords{
			Name: sample().Archive.FileName, Changed: true,
			Note: "Changed since it was downloaded on 23 Nov 2026. Download it again to have the original.",
		}},
		"no file at all": {expiredSample(), download.CopyNone, fileWords{}},
	} {
		copy := download.Copy{}
		if c.copy != download.CopyNone {
			copy = copyOf(c.b, c.copy)
		}
		if got := fileText(c.b, copy, "here.zip", "Downloads", around); got != c.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestNotices(t *testing.T) {
	around := surroundings{Now: testNow, Zone: time.UTC}
	words := func(err error) (string, string) { return fmt.Sprintf("%v.", err), "Ask." }
	for name, c := range map[string]struct {
		b    api.Backup
		copy download.Copy
		holders
		want []string
	}{
		"completed":         {sample(), download.Copy{}, holders{}, []string{""}},
		"pending":           {pendingSample(), download.Copy{}, holders{}, []string{""}},
		"partial":           {partialSample(), download.Copy{}, holders{}, []string{"Missing: Events, Invoices."}},
		"failed":            {failedSample(), download.Copy{}, holders{}, []string{"The server could not make this backup.", "insufficient-storage", "Ask."}},
		"expired":           {expiredSample(), download.Copy{}, holders{}, []string{"deleted the file on 30 Dec 2025, two years after", "There is no copy on this device."}},
		"expired, nowhere":  {expiredSample(), download.Copy{}, holders{Known: true}, []string{"No device is known to hold a copy."}},
		"expired, on other": {expiredSample(), download.Copy{}, holders{onTwoDevices(), true}, []string{"no copy on this device. These devices hold one: Pixel 8, Notebook of Bea."}},
		"expired but here":  {expiredSample(), copyOf(sample(), download.CopyPresent), holders{onTwoDevices(), true}, []string{"Your copy on this device stays"}},
		"deleted":           {withStatus("x", "x", api.StatusDeleted, 0), download.Copy{}, holders{}, []string{"The server no longer has the file."}},
		"unknown":           {withStatus("x", "x", "archived", 0), download.Copy{}, holders{}, []string{"Update the app"}},
	} {
		n := noticeFor(c.b, c.copy, c.holders, around, words)
		text := twoSentences(n.Title, n.Text)
		for _, want := range c.want {
			if !strings.Contains(text, want) || (want == "" && text != "") {
				t.Errorf("%s: got %q, want %q", name, text, want)
			}
		}
	}
}

// Days of the server are told in the organisation's zone, whatever the
// device's: this archive is deleted on the 24th in Auckland.
func TestKeptUntilIsInTheOrganisationsZone(t *testing.T) {
	b := sample()
	b.Timezone = "Pacific/Auckland"
	at := time.Date(2028, 11, 23, 20, 0, 0, 0, time.UTC)
	b.ExpiresAt = &at
	if got := keptUntil(b, time.UTC); got != calendar.NewDay(2028, 11, 24) {
		t.Errorf("got %v", got)
	}
	b.Timezone = "Nowhere/Land"
	if got := keptUntil(b, time.UTC); got != calendar.NewDay(2028, 11, 23) {
		t.Errorf("in an unknown zone: got %v", got)
	}
}

func TestMatches(t *testing.T) {
	b := with(func(b *api.Backup) {
		b.Title = "Müller & Söhne – Jahresende"
		b.Modules = []api.BackupModule{moduleOf("invoices", "Invoices", api.ModuleOK, 1)}
	})
	for words, want := range map[string]bool{
		"": true, "muller": true, "SÖHNE jahres": true, "invoices": true, "7k2m": true, "2024-11-23": true,
		"23 nov": true, "staff": false, "muller staff": false,
	} {
		if got := matches(b, "acme_7k2m.zip", words); got != want {
			t.Errorf("%q: got %v", words, got)
		}
	}
}

func pageOf(next string, items ...api.Backup) loaded {
	return loaded{Snapshot: api.Snapshot[api.BackupPage]{Value: api.BackupPage{Items: items, NextCursor: next}}}
}

func ids(l *listing) string {
	var all []string
	for _, b := range l.items {
		all = append(all, b.ID)
	}
	return strings.Join(all, " ")
}

func TestListing(t *testing.T) {
	at := func(id string, s api.Status, hours int) api.Backup {
		return withStatus(id, id, s, time.Duration(hours)*time.Hour)
	}
	l := newListing()
	l.replace(pageOf("2", at("a", api.StatusCompleted, 1), at("p", api.StatusPending, 5)))
	if got := ids(l); got != "p a" {
		t.Errorf("pending first: got %s", got)
	}
	l.add(pageOf("", at("b", api.StatusCompleted, 7), at("c", api.StatusCompleted, 9)))
	if got := ids(l); got != "p a b c" {
		t.Errorf("two pages: got %s", got)
	}
	l.replace(pageOf("2", at("new", api.StatusPending, 0), at("p", api.StatusPending, 5)))
	if got := ids(l); got != "new p a b c" || l.cursor != "" {
		t.Errorf("a refresh threw the person back: got %s, cursor %q", got, l.cursor)
	}
	if !l.changed(at("p", api.StatusCompleted, 5)) || ids(l) != "new a p b c" {
		t.Errorf("a finished one takes its place by time: got %s", ids(l))
	}
	if l.changed(at("unknown", api.StatusPending, 0)) {
		t.Error("an unknown one has to be asked for")
	}
	l.Filter = filterCompleted
	if !l.changed(at("a", api.StatusDeleted, 1)) || ids(l) != "new p b c" {
		t.Errorf("it no longer passes the filter: got %s", ids(l))
	}
	l.replace(pageOf("", at("only", api.StatusCompleted, 1)))
	if got := ids(l); got != "only" {
		t.Errorf("a short list replaces all: got %s", got)
	}
	if i := l.setState(download.State{ID: "only", Phase: download.Running, Done: 10, Total: 1000}, testNow); i != 0 {
		t.Errorf("a download has begun, row %d", i)
	}
	if i := l.setState(download.State{ID: "only", Phase: download.Running, Done: 11, Total: 1000}, testNow); i != -1 {
		t.Error("nothing that is shown has changed")
	}
	if i := l.setState(download.State{ID: "other"}, testNow); i != -1 {
		t.Error("another list's download")
	}
}

// 100,000 backups are no more work to change one of than a few: rows are made
// only when they are seen.
func TestListingMakesOnlyTheRowsThatAreSeen(t *testing.T) {
	l := newListing()
	items := make([]api.Backup, 100_000)
	for i := range items {
		items[i] = api.Backup{ID: strconv.Itoa(i), PerformedAt: testNow.Add(-time.Duration(i) * time.Minute)}
	}
	l.replace(pageOf("", items...))
	for i := range 20 {
		l.row(50_000+i, testNow)
	}
	l.changed(with(func(b *api.Backup) { b.ID = "70000" }))
	if len(l.rows) != 20 {
		t.Errorf("%d rows were made", len(l.rows))
	}
	if !slices.IsSortedFunc(l.items, func(a, b api.Backup) int { return b.PerformedAt.Compare(a.PerformedAt) }) {
		t.Error("not the newest first")
	}
}
