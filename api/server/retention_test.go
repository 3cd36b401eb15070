package server

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

func (w *world) retention(auth string) api.RetentionReport {
	w.Helper()
	return into[api.RetentionReport](w.call("GET", "/v1/retention", nil, auth).want(200))
}

func TestEveryRecordIsAnnouncedOnTheDayItGoes(t *testing.T) { // S4: for two years, leap day included
	for today := calendar.NewDay(2026, 1, 1); today.Before(calendar.NewDay(2028, 4, 1)); today = today.AddDays(1) {
		ranges := endingDays(today)
		first, last := ranges[0].From, ranges[len(ranges)-1].Till
		if first != calendar.Window(today, dataMonths).From || last != calendar.Window(today.AddDays(90), dataMonths).From.AddDays(-1) {
			t.Fatalf("%v: %v to %v", today, first, last)
		}
		for i, r := range ranges {
			if !r.Valid() || r.From.Month != r.Till.Month || i > 0 && ranges[i-1].Till.AddDays(1) != r.From {
				t.Fatalf("%v: %v", today, ranges)
			}
		}
		on := deletedOn(first)
		if on.Before(today.AddDays(1)) || !calendar.Window(on, dataMonths).From.After(first) || calendar.Window(on.AddDays(-1), dataMonths).From.After(first) {
			t.Fatalf("%v: records of %v go on %v", today, first, on)
		}
	}
}

func TestRetentionTellsWhatGoesAndWhoHasIt(t *testing.T) {
	w := emptyWorld(t)
	org, email := w.organisation("Kept", "Europe/Berlin", "de-DE")
	auth := w.signedIn(email)
	day := func(y int, m time.Month, d int) time.Time {
		return calendar.NewDay(y, m, d).Start(time.FixedZone("", 7200))
	}
	w.department(org, day(2024, 6, 17).Add(-time.Hour), "gone already") // today is 17 June 2026
	w.department(org, day(2024, 6, 20).Add(time.Hour), "goes in June")
	w.department(org, day(2024, 6, 25).Add(time.Hour), "goes in June too")
	w.department(org, day(2024, 7, 2).Add(time.Hour), "goes in July")
	w.department(org, day(2024, 9, 14).Add(time.Hour), "goes on the 90th day")
	w.department(org, day(2024, 9, 15).Add(time.Hour), "is not near")
	r := w.retention(auth)
	var got []string
	for _, d := range r.Upcoming {
		got = append(got, fmt.Sprintf("%s %s %s..%s %d %d", d.On, d.Module, d.From, d.Till, d.Records, len(d.CoveredBy)))
	}
	want := []string{
		"2026-06-21 departments 2024-06-20..2024-06-25 2 0",
		"2026-07-03 departments 2024-07-02..2024-07-02 1 0",
		"2026-09-15 departments 2024-09-14..2024-09-14 1 0",
	}
	if !slices.Equal(got, want) || r.Today.String() != "2026-06-17" {
		t.Fatalf("today %s\n got %q\nwant %q", r.Today, got, want)
	}
	g := r.Suggestion
	if g == nil || g.From.String() != "2024-06-20" || g.Till.String() != "2024-09-14" || !slices.Equal(g.Modules, []string{"departments"}) || g.Reason != api.ReasonExpiring {
		t.Fatalf("got %+v", g)
	}
	// The suggestion, taken, silences itself.
	b := w.make(auth, api.NewBackup{Title: "Suggested", From: g.From, Till: g.Till, Modules: g.Modules})
	r = w.retention(auth)
	for _, d := range r.Upcoming {
		if !slices.Equal(d.CoveredBy, []string{b.ID}) {
			t.Errorf("%+v", d)
		}
	}
	if r.Suggestion != nil || len(r.Archives) != 0 || r.Archives == nil {
		t.Errorf("got %+v", r)
	}
	// Clock 2: 90 days before, and not a day earlier.
	w.clock.set(b.ExpiresAt.AddDate(0, 0, -92))
	auth = w.signedIn(email)
	if r := w.retention(auth); len(r.Archives) != 0 {
		t.Errorf("too early: %+v", r.Archives)
	}
	w.clock.set(b.ExpiresAt.AddDate(0, 0, -90))
	auth = w.signedIn(email)
	if r := w.retention(auth); len(r.Archives) != 1 || r.Archives[0].BackupID != b.ID || !r.Archives[0].ExpiresAt.Equal(*b.ExpiresAt) || r.Archives[0].FileName != b.Archive.FileName {
		t.Errorf("got %+v", r.Archives)
	}
}

func TestABackupOfADayThatWasNotOverCoversItNot(t *testing.T) {
	d := api.Deletion{Module: "staff", From: calendar.NewDay(2026, 6, 1), Till: calendar.NewDay(2026, 6, 17)}
	b := backup{Backup: api.Backup{
		ID: "b", Status: api.StatusCompleted, Archive: &api.Archive{}, From: d.From, Till: d.Till,
		Modules: []api.BackupModule{{Key: "staff", Status: api.ModuleOK}},
	}}
	for at, want := range map[time.Time]int{noon: 0, d.Till.AddDays(1).Start(time.UTC): 1} {
		b.DataAsOf = &at
		if got := coverers([]backup{b}, d, time.UTC); len(got) != want {
			t.Errorf("%v: %q", at, got)
		}
	}
	b.Modules[0].Status = api.ModuleFailed
	if got := coverers([]backup{b}, d, time.UTC); len(got) != 0 {
		t.Errorf("it has not got the module: %q", got)
	}
}

// late are departments of June and July 2024 that are imported in 2026.
func (w *world) late(names ...string) {
	w.Helper()
	text := departmentsHeader
	for _, name := range names {
		text += name + "," + name + ",2,Ann,3,2024-06-25 11:00:00,\n" + name + " II," + name + ",2,Ann,3,2024-07-02 11:00:00,\n"
	}
	w.imported("departments", text)
}

// everything asks for all that the server has at the moment.
func (w *world) everything(title string) api.NewBackup {
	today := calendar.DayOf(w.clock.now(), time.UTC)
	return api.NewBackup{Title: title, From: today.AddMonths(-24), Till: today, Modules: []string{"departments", "leave"}}
}

// covered fails the test unless departments are about to go, and these backups
// alone have them. It is when the last of them came.
func (w *world) covered(auth string, by ...api.Backup) (stored *time.Time) {
	w.Helper()
	r := w.retention(auth)
	ids := []string{}
	for _, b := range by {
		ids = append(ids, b.ID)
	}
	if len(r.Upcoming) != 2 || (len(ids) > 0) != (r.Suggestion == nil) {
		w.Errorf("got %+v, suggested is %+v", r.Upcoming, r.Suggestion)
	}
	for _, d := range r.Upcoming {
		if stored = d.StoredAt; !slices.Equal(d.CoveredBy, ids) {
			w.Errorf("%s is covered by %q, want %q", d.From, d.CoveredBy, ids)
		}
	}
	return stored
}

func TestABackupDoesNotCoverWhatCameAfterIt(t *testing.T) {
	w := emptyWorld(t)
	_, email := w.organisation("Late", "Europe/Berlin", "de-DE")
	auth := w.signedIn(email)
	early := w.make(auth, w.everything("Before there was anything"))
	w.late("Sales") // in the same millisecond
	if stored := w.covered(auth); stored == nil || !stored.After(noon) || stored.After(noon.Add(time.Second)) {
		t.Errorf("they came at %v", stored)
	}
	w.clock.add(time.Minute)
	middle := w.make(auth, w.everything("With the first"))
	w.covered(auth, middle)
	w.clock.add(time.Minute)
	w.late("Stock", "Staff")
	if stored := w.covered(auth); stored == nil || !stored.Equal(w.clock.now()) {
		t.Errorf("they came at %v", stored)
	}
	w.clock.add(time.Minute)
	all := w.make(auth, w.everything("With all"))
	w.covered(auth, all)
	for i, b := range []api.Backup{early, middle, all} {
		if b = w.get(auth, b.ID); b.Modules[0].Records != []int64{0, 2, 6}[i] || b.Modules[1].StoredAt != nil {
			t.Errorf("%+v", b.Modules)
		}
		stored := b.Modules[0].StoredAt
		if want := []*time.Time{nil, ref(noon.Add(time.Millisecond)), ref(noon.Add(2 * time.Minute))}[i]; (stored == nil) != (want == nil) || stored != nil && !stored.Equal(*want) {
			t.Errorf("the newest of %q came at %v, want %v", b.Title, stored, want)
		}
	}
	// What is planned is no more in the earlier ones than what goes.
	n := w.everything("Planned")
	e := into[api.Estimate](w.call("POST", "/v1/backups/estimate", api.EstimateRequest{From: n.From, Till: n.Till, Modules: n.Modules}, auth).want(200))
	for _, o := range e.Overlaps {
		if o.Covers != (o.BackupID == all.ID) {
			t.Errorf("%+v", o)
		}
	}
	if len(e.Overlaps) != 3 {
		t.Errorf("%+v", e.Overlaps)
	}
}

func ref[T any](v T) *T { return &v }

func TestWhatComesWhileABackupIsMadeIsNotInIt(t *testing.T) {
	g := newGate(api.StageCollecting, "departments")
	w := emptyWorld(t, g.config)
	_, email := w.organisation("Meanwhile", "Europe/Berlin", "de-DE")
	auth := w.signedIn(email)
	b := w.create(auth, w.everything("Begun before"))
	<-g.reached
	w.late("Sales")
	n := w.everything("Planned")
	e := into[api.Estimate](w.call("POST", "/v1/backups/estimate", api.EstimateRequest{From: n.From, Till: n.Till, Modules: n.Modules}, auth).want(200))
	if len(e.Overlaps) != 1 || e.Overlaps[0].Covers {
		t.Errorf("while it is made: %+v", e.Overlaps)
	}
	close(g.open)
	if got := w.ended(b.ID); got.Status != api.StatusCompleted || got.Modules[0].Records != 0 {
		t.Fatalf("got %+v", got)
	}
	w.covered(auth)
}

// Numbers of records that are gone do not come again: they would pass for those
// of before.
func TestWhatComesAfterAllWasSweptIsNew(t *testing.T) {
	w := emptyWorld(t)
	_, email := w.organisation("Again", "Europe/Berlin", "de-DE")
	w.late("Sales", "Stock")
	w.clock.add(time.Minute)
	b := w.make(w.signedIn(email), w.everything("Then"))
	w.covered(w.signedIn(email), b)
	if _, err := w.w.Exec("DELETE FROM records"); err != nil { // as the sweeper does in time
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	w.late("Staff")
	if stored := w.covered(w.signedIn(email)); stored == nil || !stored.Equal(w.clock.now()) {
		t.Errorf("they came at %v", stored)
	}
}

func TestAnEstimateIsWhatTheBackupBecomes(t *testing.T) { // B11
	w := newWorld(t)
	auth := w.demo()
	n := request("Estimated")
	n.Modules = []string{"customers", "attendance", "messages", "visitors"}
	e := into[api.Estimate](w.call("POST", "/v1/backups/estimate", api.EstimateRequest{From: n.From, Till: n.Till, Modules: n.Modules}, auth).want(200))
	b := w.make(auth, n)
	var records, bytes int64
	for i, m := range b.Modules {
		records, bytes = records+m.Records, bytes+m.Bytes
		if got := e.Modules[i]; got.Key != m.Key || got.Records != m.Records || math.Abs(float64(got.Bytes-m.Bytes)) > 0.1*float64(m.Bytes)+10 {
			t.Errorf("estimated %+v, became %+v", got, m)
		}
	}
	if records == 0 || e.Records != records || math.Abs(float64(e.Bytes-bytes)) > 0.1*float64(bytes) {
		t.Errorf("estimated %d records, %d bytes; became %d, %d", e.Records, e.Bytes, records, bytes)
	}
	t.Log(e.ArchiveBytes, b.Archive.Size, bytes)
	if r := float64(e.ArchiveBytes) / float64(b.Archive.Size); r < 0.3 || r > 3 {
		t.Errorf("estimated a file of %d bytes, became %d", e.ArchiveBytes, b.Archive.Size)
	}
	for _, o := range e.Overlaps {
		if o.Covers || o.BackupID == b.ID {
			t.Errorf("%+v", o)
		}
	}
	e = into[api.Estimate](w.call("POST", "/v1/backups/estimate", api.EstimateRequest{From: n.From.AddDays(1), Till: n.Till, Modules: n.Modules[:2]}, auth).want(200))
	if len(e.Overlaps) == 0 || e.Overlaps[0].BackupID != b.ID || !e.Overlaps[0].Covers || !slices.Equal(e.Overlaps[0].Modules, []string{"customers", "attendance"}) {
		t.Errorf("got %+v", e.Overlaps)
	}
	p := w.call("POST", "/v1/backups/estimate", `{"from":"2026-06-02","till":"2026-06-01","modules":["x"]}`, auth).problem(422, api.CodeValidation)
	if len(p.Errors) != 2 {
		t.Errorf("got %+v", p.Errors)
	}
}

func TestTheListCanBeNarrowed(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	for query, want := range map[string][]string{
		"module=leave":                      {"Last week, everything", "Working hours (Müller & Söhne)", "Wrong dates, please ignore"},
		"module=leave&status=completed":     {"Last week, everything", "Working hours (Müller & Söhne)"},
		"module=unknown":                    nil,
		"covers=2026-06-10":                 {"Last week, everything"},
		"covers=2026-06-15":                 nil,
		"covers=2026-04-17":                 {"Working hours (Müller & Söhne)"},
		"covers=2026-03-16&module=invoices": {"Wrong dates, please ignore"},
		"covers=2026-03-16&module=x":        nil,
		"covers=2026-03-17":                 nil,
	} {
		if got := titles(into[api.BackupPage](w.call("GET", "/v1/backups?"+query, nil, auth).want(200))); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	w.call("GET", "/v1/backups?covers=2026-02-30", nil, auth).problem(422, api.CodeValidation)
}
