package reminder

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

func day(t testing.TB, s string) calendar.Day {
	t.Helper()
	d, err := calendar.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// noon is a time at which nobody sleeps, in zones near to UTC.
func noon(t testing.TB, s string) time.Time {
	t.Helper()
	return day(t, s).Start(time.UTC).Add(12 * time.Hour)
}

// held is a backup of invoices and visitors of these days, made at noon.
func held(t testing.TB, id, from, till, made string) api.Backup {
	t.Helper()
	at := noon(t, made)
	ends := calendar.AddMonths(at, keptMonths, time.UTC)
	return api.Backup{
		ID: id, Title: "Title of " + id, From: day(t, from), Till: day(t, till), DataAsOf: &at, ExpiresAt: &ends,
		Modules: []api.BackupModule{
			{Key: "invoices", Status: api.ModuleOK, Records: 5}, {Key: "visitors", Status: api.ModuleFailed, Records: 3},
		},
	}
}

// march is a report of 1 March 2026: invoices and visitors of March 2024.
func march(t testing.TB) Input {
	t.Helper()
	going := func(module string, covered ...string) api.Deletion {
		return api.Deletion{
			On: day(t, "2026-03-11"), Module: module, Name: strings.ToUpper(module[:1]) + module[1:],
			From: day(t, "2024-03-10"), Till: day(t, "2024-03-31"), Records: 7, CoveredBy: covered,
		}
	}
	return Input{
		Report: api.RetentionReport{
			Today: day(t, "2026-03-01"), Upcoming: []api.Deletion{going("invoices"), going("visitors", "bkp_far")},
		},
		At: noon(t, "2026-03-01"), Zone: time.UTC,
	}
}

// lines write an outlook so that a test can tell it.
func lines(o Outlook) string {
	var all []string
	for _, d := range o.Due {
		what := fmt.Sprintf("%s %s–%s", d.Module, d.From, d.Till)
		if d.BackupID != "" {
			what = d.BackupID
		}
		all = append(all, fmt.Sprintf("%s in %d %s %s", d.On, d.Days, what, []string{"nowhere", "elsewhere"}[d.Place]))
	}
	return strings.Join(all, "; ")
}

func TestWhatIsHeldIsSilent(t *testing.T) {
	const visitors = "2026-03-11 in 10 visitors 2024-03-10–2024-03-31 elsewhere"
	for _, c := range []struct {
		name         string
		held, others []api.Backup
		want         string
	}{
		{"nothing is held", nil, nil, "2026-03-11 in 10 invoices 2024-03-10–2024-03-31 nowhere; " + visitors},
		{"all of a module", []api.Backup{held(t, "a", "2024-03-10", "2024-03-31", "2024-04-01")}, nil, visitors},
		{
			"made before the last day was over",
			[]api.Backup{held(t, "a", "2024-03-10", "2024-03-31", "2024-03-31")},
			nil,
			visitors + "; 2026-04-01 in 31 invoices 2024-03-31–2024-03-31 nowhere",
		},
		{
			"two together", []api.Backup{
				held(t, "b", "2024-03-20", "2024-04-02", "2024-05-01"), held(t, "a", "2024-01-01", "2024-03-19", "2024-04-01"),
			}, nil, visitors,
		},
		{
			"two with a gap of a day", []api.Backup{
				held(t, "b", "2024-03-21", "2024-04-02", "2024-05-01"), held(t, "a", "2024-01-01", "2024-03-19", "2024-04-01"),
			}, nil, visitors + "; 2026-03-21 in 20 invoices 2024-03-20–2024-03-20 nowhere",
		},
		{
			"the middle",
			[]api.Backup{held(t, "a", "2024-03-12", "2024-03-20", "2024-04-01")},
			nil,
			"2026-03-11 in 10 invoices 2024-03-10–2024-03-31 nowhere; " + visitors,
		},
		{
			"another device has what is missing here",
			[]api.Backup{held(t, "a", "2024-03-10", "2024-03-20", "2024-04-01")},
			[]api.Backup{held(t, "b", "2024-03-21", "2024-03-31", "2024-04-01")},
			visitors + "; 2026-03-22 in 21 invoices 2024-03-21–2024-03-31 elsewhere",
		},
		{"one without a word of its data", []api.Backup{{ID: "x", From: day(t, "2024-01-01"), Till: day(t, "2026-01-01")}}, nil, "2026-03-11 in 10 invoices 2024-03-10–2024-03-31 nowhere; " + visitors},
	} {
		in := march(t)
		in.Held, in.Others = c.held, c.others
		o := in.Look(noon(t, "2026-03-01"), State{})
		if got := lines(o); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if danger := strings.Contains(c.want, "nowhere"); danger != (o.Suggestion != nil) {
			t.Errorf("%s: suggested is %+v", c.name, o.Suggestion)
		}
	}
}

func TestWhatCameAfterABackupIsNotInIt(t *testing.T) {
	const visitors = "2026-03-11 in 10 visitors 2024-03-10–2024-03-31 elsewhere"
	const danger = "2026-03-11 in 10 invoices 2024-03-10–2024-03-31 nowhere; " + visitors
	early, late := held(t, "early", "2024-01-01", "2025-12-31", "2026-01-01"), held(t, "late", "2024-01-01", "2025-12-31", "2026-02-02")
	for _, c := range []struct {
		name         string
		held, server []api.Backup
		stored, want string
	}{
		{"a server that does not say it", []api.Backup{early}, nil, "", visitors},
		{"they came before", []api.Backup{early}, nil, "2025-12-31", visitors},
		{"they came just before", []api.Backup{early}, nil, "2026-01-01", visitors},
		{"they came after", []api.Backup{early}, nil, "2026-02-01", danger},
		{"and none has them", []api.Backup{early}, []api.Backup{early}, "2026-02-01", danger},
		{"then they were saved", []api.Backup{early, late}, []api.Backup{early, late}, "2026-02-01", visitors},
		{
			"then they were saved, but not here",
			[]api.Backup{early},
			[]api.Backup{early, late},
			"2026-02-01", "2026-03-11 in 10 invoices 2024-03-10–2024-03-31 elsewhere; " + visitors,
		},
		{
			"a part of them was saved",
			[]api.Backup{early, held(t, "part", "2024-03-15", "2025-12-31", "2026-02-02")},
			nil, "2026-02-01", "2026-03-11 in 10 invoices 2024-03-10–2024-03-14 nowhere; " + visitors,
		},
	} {
		in := march(t)
		in.Held, in.Server = c.held, c.server
		if c.stored != "" {
			at := noon(t, c.stored)
			in.Report.Upcoming[0].StoredAt = &at
		}
		o := in.Look(noon(t, "2026-03-01"), State{})
		if got := lines(o); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if danger := strings.Contains(c.want, "nowhere"); danger != (o.Suggestion != nil) {
			t.Errorf("%s: suggested is %+v", c.name, o.Suggestion)
		}
	}
}

func TestFilesOnTheServer(t *testing.T) {
	old := held(t, "old", "2022-03-01", "2024-03-05", "2024-03-05") // its last day in part
	// Some of the invoices in it came after the backup "before" was made.
	filled, came := held(t, "old", "2022-03-01", "2023-12-31", "2024-03-05"), noon(t, "2024-02-01")
	filled.Modules[0].StoredAt = &came
	before := held(t, "before", "2022-01-01", "2023-12-31", "2024-01-15")
	for _, c := range []struct {
		name                 string
		held, server, others []api.Backup
		now, want            string
	}{
		{"nobody has it", nil, []api.Backup{old}, nil, "2026-03-01", "2026-03-05 in 4 old nowhere"},
		{"nothing is known of it", nil, nil, nil, "2026-03-01", "2026-03-05 in 4 old nowhere"},
		{"on its last day", nil, []api.Backup{old}, nil, "2026-03-05", "2026-03-05 in 0 old nowhere"},
		{"it is gone", nil, []api.Backup{old}, nil, "2026-03-06", ""},
		{"it is here", []api.Backup{old}, []api.Backup{old}, nil, "2026-03-01", ""},
		{"another device has it", nil, []api.Backup{old}, []api.Backup{old}, "2026-03-01", "2026-03-05 in 4 old elsewhere"},
		{
			"what is in it is here",
			[]api.Backup{held(t, "new", "2022-01-01", "2024-06-01", "2024-06-02")},
			[]api.Backup{old},
			nil, "2026-03-01", "",
		},
		{
			"all but its last day is here",
			[]api.Backup{held(t, "new", "2022-01-01", "2024-03-04", "2024-06-02")},
			[]api.Backup{old},
			nil, "2026-03-01", "2026-03-05 in 4 old nowhere",
		},
		{
			"a file that stays longer has it", nil,
			[]api.Backup{old, held(t, "new", "2022-01-01", "2024-06-01", "2024-06-02")},
			nil, "2026-03-01", "2026-03-05 in 4 old elsewhere",
		},
		{
			"what is in it is here, but for what came later",
			[]api.Backup{before},
			[]api.Backup{filled},
			nil, "2026-03-01", "2026-03-05 in 4 old nowhere",
		},
		{
			"what is in it is here, with what came later",
			[]api.Backup{before, held(t, "new", "2022-01-01", "2024-06-01", "2024-02-01")},
			[]api.Backup{filled},
			nil, "2026-03-01", "",
		},
		{
			"a file that goes before has it", nil,
			[]api.Backup{old, held(t, "older", "2022-01-01", "2024-03-05", "2024-03-01")},
			nil, "2026-03-01", "2026-03-05 in 4 old nowhere",
		},
	} {
		in := Input{
			Report: api.RetentionReport{
				Today:    day(t, "2026-03-01"),
				Archives: []api.ArchiveExpiry{{BackupID: "old", Title: "Old", ExpiresAt: noon(t, "2026-03-05")}},
			},
			At: noon(t, "2026-03-01"), Zone: time.UTC, Held: c.held, Server: c.server, Others: c.others,
		}
		if got := lines(in.Look(noon(t, c.now), State{})); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAnOldReportStillCounts(t *testing.T) {
	in := march(t)
	for now, want := range map[string]string{
		"2026-03-10": "2026-03-11 in 1 invoices 2024-03-10–2024-03-31 nowhere",
		"2026-03-11": "2026-03-12 in 1 invoices 2024-03-11–2024-03-31 nowhere",
		"2026-03-31": "2026-04-01 in 1 invoices 2024-03-31–2024-03-31 nowhere",
		"2026-04-01": "",                                                        // all of it is gone
		"2025-06-01": "2026-03-11 in 10 invoices 2024-03-10–2024-03-31 nowhere", // the clock was set back
	} {
		if got, _, _ := strings.Cut(lines(in.Look(noon(t, now), State{})), "; "); got != want {
			t.Errorf("%s: got %q, want %q", now, got, want)
		}
	}
}

func TestHostileReports(t *testing.T) {
	in := march(t)
	in.Report.Upcoming = []api.Deletion{
		{},
		{Module: "a"},
		{Module: "a", From: day(t, "2024-03-31"), Till: day(t, "2024-03-01")},
		{Module: "a", From: day(t, "0001-01-01"), Till: day(t, "9999-12-31"), On: day(t, "9999-12-31"), Records: -5},
		{Module: "a", From: day(t, "0001-01-01"), Till: day(t, "9999-12-31"), On: day(t, "0001-01-01"), Records: -5},
	}
	in.Report.Archives = []api.ArchiveExpiry{{}, {BackupID: "x"}, {BackupID: "y", ExpiresAt: noon(t, "9999-12-31")}}
	in.Held = []api.Backup{{}, {DataAsOf: &time.Time{}, From: day(t, "9999-12-31"), Till: day(t, "0001-01-01")}}
	o := in.Look(noon(t, "2026-03-01"), State{})
	if got := lines(o); got != "2026-03-02 in 1 a 2024-03-01–9999-12-31 nowhere" {
		t.Errorf("got %s", got)
	}
	if s, ok := o.Banner(); !ok || s.Records != 0 {
		t.Errorf("summed up as %+v", s)
	}
}

// turns looks on each of these days at noon, and says on which was told what.
func turns(t testing.TB, in Input, opts Options, s *State, days ...string) (told []string) {
	t.Helper()
	for _, d := range days {
		n, after, ok := in.Look(noon(t, d), *s).Turn(opts, *s, noon(t, d), time.UTC)
		*s = restarted(t, after)
		if ok {
			told = append(told, fmt.Sprintf("%s %d", d[len("2026-"):], n.Days))
		}
	}
	return told
}

func from(t testing.TB, first string, n int) (days []string) {
	t.Helper()
	for i := range n {
		days = append(days, day(t, first).AddDays(i).String())
	}
	return days
}

func TestTheLadderThenWeekly(t *testing.T) {
	for _, c := range []struct {
		name string
		opts Options
		days []string
		want string
	}{
		{"all", Defaults(), from(t, "2026-03-01", 31), "03-01 10, 03-04 7, 03-08 3, 03-10 1, 03-17 1, 03-24 1, 03-31 1"},
		{"some", Options{Days: []int{3}}, from(t, "2026-03-01", 20), "03-08 3, 03-15 1"},
		{"none", Options{}, from(t, "2026-03-01", 31), ""},
		{"missed ones are told as one", Defaults(), []string{"2026-03-01", "2026-03-09"}, "03-01 10, 03-09 2"},
	} {
		var s State
		if got := strings.Join(turns(t, march(t), c.opts, &s, c.days...), ", "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	in := march(t) // what somebody else holds is told inside the app alone
	in.Report.Upcoming = in.Report.Upcoming[1:]
	var s State
	if got := turns(t, in, Defaults(), &s, from(t, "2026-03-01", 31)...); len(got) > 0 {
		t.Errorf("told of what the server has: %v", got)
	}
	if b, ok := in.Look(noon(t, "2026-03-01"), s).Banner(); !ok || b.Place != OnServer {
		t.Errorf("the banner is %+v, %v", b, ok)
	}
}

func TestAWrongClockSpoilsNothing(t *testing.T) {
	in := march(t)
	for _, c := range []struct {
		name string
		days []string
		want string
	}{
		{ // what was told on a day that has not come is told again
			"some days fast, then right",
			[]string{"2026-03-01", "2026-03-10", "2026-03-02", "2026-03-04", "2026-03-08", "2026-03-10"},
			"03-01 10, 03-10 1, 03-02 9, 03-04 7, 03-08 3, 03-10 1",
		},
		{
			"two years fast, then right",
			[]string{"2026-03-01", "2028-03-10", "2026-03-02", "2026-03-04"},
			"03-01 10, 03-04 7",
		},
		{
			"a year slow, then right",
			[]string{"2026-03-01", "2026-03-04", "2025-03-02", "2026-03-05", "2026-03-08"},
			"03-01 10, 03-04 7, 03-08 3",
		},
		{"put right across midnight", []string{"2026-03-04", "2026-03-03", "2026-03-04", "2026-03-05"}, "03-04 7"},
	} {
		var s State
		if got := strings.Join(turns(t, in, Defaults(), &s, c.days...), ", "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSnooze(t *testing.T) {
	for _, c := range []struct {
		name string
		how  Snooze
		on   string // when it is put off, after having been told
		till string // empty: it cannot be
		want string // what is told after that
	}{
		{"a day", SnoozeDay, "2026-03-01", "2026-03-02", "03-02 9, 03-04 7, 03-08 3, 03-10 1, 03-17 1"},
		{"a week", SnoozeWeek, "2026-03-01", "2026-03-08", "03-08 3, 03-10 1, 03-17 1"},
		{"a week, but not over the deletion", SnoozeWeek, "2026-03-05", "2026-03-10", "03-10 1, 03-17 1"},
		{"a week, while they go day by day", SnoozeWeek, "2026-03-12", "2026-03-19", "03-19 1"},
		{"until the last three days", SnoozeLastDays, "2026-03-01", "2026-03-08", "03-08 3, 03-10 1, 03-17 1"},
		{"until the last three days, within them", SnoozeLastDays, "2026-03-08", "", ""},
		{"otherwise", Snooze(7), "2026-03-01", "", ""},
	} {
		in, s := march(t), State{}
		before := from(t, "2026-03-01", day(t, c.on).Since(day(t, "2026-03-01"))+1)
		turns(t, in, Defaults(), &s, before...)
		put, err := s.Snooze(in.Look(noon(t, c.on), s), c.how)
		if c.till == "" {
			if !errors.Is(err, ErrNotNow) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		s = restarted(t, put)
		o := in.Look(noon(t, c.on), s)
		if _, shown := o.Banner(); err != nil || o.SnoozedTill.String() != c.till || shown {
			t.Errorf("%s: put off till %s, %v; a banner is shown: %v", c.name, o.SnoozedTill, err, shown)
		}
		rest := from(t, c.on, day(t, "2026-03-21").Since(day(t, c.on)))
		if got := strings.Join(turns(t, in, Defaults(), &s, rest...), ", "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	// Put off while the clock was years ahead: that does not last for years.
	in, s := march(t), State{}
	in.At, in.Report.Today = noon(t, "2026-03-01"), day(t, "2026-03-01")
	s.Put = &Put{How: SnoozeWeek, Made: day(t, "2028-01-01"), Till: day(t, "2028-01-08")}
	if o := in.Look(noon(t, "2026-03-01"), s); !o.SnoozedTill.IsZero() {
		t.Errorf("put off till %s", o.SnoozedTill)
	}
	if _, err := (State{}).Snooze(Outlook{}, SnoozeDay); !errors.Is(err, ErrNotNow) {
		t.Errorf("put off nothing: %v", err)
	}
}

func TestQuietHours(t *testing.T) {
	at := func(h, m int) int { return h*60 + m }
	for _, c := range []struct{ zone, now, want, why string }{
		{"Europe/Berlin", "2026-03-10T21:59:00+01:00", "", "not yet"},
		{"Europe/Berlin", "2026-03-10T22:00:00+01:00", "2026-03-11T08:00:00+01:00", "over midnight"},
		{"Europe/Berlin", "2026-03-11T07:59:59+01:00", "2026-03-11T08:00:00+01:00", "a second before"},
		{"Europe/Berlin", "2026-03-28T23:00:00+01:00", "2026-03-29T08:00:00+02:00", "a night of 9 hours"},
		{"Europe/Berlin", "2026-10-24T23:00:00+02:00", "2026-10-25T08:00:00+01:00", "a night of 11"},
		{"Asia/Kathmandu", "2026-03-10T23:00:00+05:45", "2026-03-11T08:00:00+05:45", "a zone of quarters"},
	} {
		zone := location(t, c.zone)
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		want := c.want
		if want == "" {
			want = c.now
		}
		if got := Defaults().loud(now, zone).In(zone).Format(time.RFC3339); got != want {
			t.Errorf("%s: got %s, want %s", c.why, got, want)
		}
	}
	berlin := location(t, "Europe/Berlin")
	// Quiet till 02:30, which that night has not: at 03:00.
	night := time.Date(2026, 3, 29, 1, 0, 0, 0, berlin)
	if got := (Options{QuietFrom: at(22, 0), QuietTill: at(2, 30)}).loud(night, berlin); got.Format("15:04") != "03:00" {
		t.Errorf("got %v", got)
	}
	// But one minute is free, and that night lacks it.
	if got := (Options{QuietFrom: at(2, 30), QuietTill: at(2, 29)}).loud(night, berlin); got.Format("02 15:04") != "30 02:29" {
		t.Errorf("got %v", got)
	}
	if got := (Options{QuietFrom: 60, QuietTill: 60}).loud(night, berlin); !got.Equal(night) {
		t.Errorf("no quiet hours, and yet %v", got)
	}
	in, s := march(t), State{}
	late := noon(t, "2026-03-10").Add(11 * time.Hour)
	if _, _, ok := in.Look(late, s).Turn(Defaults(), s, late, time.UTC); ok {
		t.Error("told in quiet hours")
	}
	if got := in.Wake(Defaults(), late, time.UTC); !got.Equal(noon(t, "2026-03-11").Add(-4 * time.Hour)) {
		t.Errorf("it wakes at %v", got)
	}
}

// TestThePlanIsWhatHappens compares what is handed to the system with what an
// app that runs would tell.
func TestThePlanIsWhatHappens(t *testing.T) {
	s := newSite(t, "Pacific/Apia", "America/St_Johns", firstDay)
	s.ask()
	start := s.now
	plan := s.in.Plan(s.opts, State{}, start, start.Add(90*24*time.Hour), s.person)
	for s.now.Before(start.Add(90*24*time.Hour - time.Hour)) {
		s.now = s.now.Add(30 * time.Minute) // these zones change their days on the half hour
		s.hour()
	}
	if len(plan) < 10 || len(plan) != len(s.told) {
		t.Fatalf("%d are planned, %d were told", len(plan), len(s.told))
	}
	for i, n := range plan {
		if told := s.told[i].n; !n.At.Equal(told.At) || n.Title.Text != told.Title.Text || n.On != told.On {
			t.Errorf("planned at %v is %+v, told at %v was %+v", n.At, n.Title, told.At, told.Title)
		}
	}
	// The system shows half of them while the app is closed.
	half := restarted(t, State{}.HandOver(plan)).Shown(plan[len(plan)/2].At)
	rest := s.in.Plan(s.opts, half, plan[len(plan)/2].At, start.Add(90*24*time.Hour), s.person)
	if len(rest) != len(plan)-len(plan)/2-1 || len(half.Handed) != len(rest) || !rest[0].At.Equal(half.Handed[0].At) {
		t.Errorf("after half of %d, %d are left", len(plan), len(rest))
	}
}

func TestOptionsFromAFile(t *testing.T) {
	got := Options{Days: []int{1, 5, 90, 1, -3}, QuietFrom: -5, QuietTill: 99999}.Sound()
	if !slices.Equal(got.Days, []int{90, 1}) || got.QuietFrom != 0 || got.QuietTill != 1439 {
		t.Errorf("got %+v", got)
	}
	d := Defaults()
	d.Days[0] = 5
	if Ladder[0] != 90 {
		t.Error("the ladder was changed through the defaults")
	}
}

func TestOldStepsAreForgotten(t *testing.T) {
	var s State
	for i := range stepsMax + 50 {
		on := firstDay.AddDays(i)
		s = s.tell(on, map[string]Step{on.String(): {Days: 1, On: on, Told: on}})
	}
	if _, kept := s.Steps[firstDay.AddDays(stepsMax+49).String()]; len(s.Steps) != stepsMax || !kept {
		t.Errorf("%d are kept, the newest: %v", len(s.Steps), kept)
	}
}

func TestWords(t *testing.T) {
	records := func(module string, place Place) Due {
		return Due{
			On: day(t, "2026-03-11"), Days: 10, Module: module, Name: module, Records: 7,
			From: day(t, "2024-03-10"), Till: day(t, "2024-03-31"), Place: place,
		}
	}
	file := func(id string, place Place, days int) Due {
		return Due{On: day(t, "2026-03-01").AddDays(days), Days: days, BackupID: id, Title: "Q" + id, Place: place}
	}
	lastDay := records("Assets", Nowhere)
	lastDay.From, lastDay.Days = lastDay.Till, 1
	for _, c := range []struct {
		due            []Due
		says, leads    string
		modules, files int
	}{
		{[]Due{records("Invoices", Nowhere)}, "Records are deleted in 10 days|The records of Invoices from 2024-03-10 to 2024-03-31 are in no backup. Back them up now.", "", 1, 0},
		{[]Due{records("Invoices", Nowhere), records("Assets", Nowhere)}, "Records are deleted in 10 days|The records of Invoices and 1 more module from 2024-03-10 to 2024-03-31 are in no backup. Back them up now.", "", 2, 0},
		{[]Due{lastDay}, "Records are deleted tomorrow|The records of Assets of 2024-03-31 are in no backup. Back them up now.", "", 1, 0},
		{[]Due{file("1", Nowhere, 0)}, "A backup's file is deleted from the server today|“Q1” is on no device. Download it before the server deletes its file.", "1", 0, 1},
		{[]Due{file("1", Nowhere, 1), records("Invoices", Nowhere)}, "A backup's file is deleted from the server tomorrow|“Q1” is on no device. Download it before the server deletes its file.|The records of Invoices from 2024-03-10 to 2024-03-31 are in no backup. Back them up now.", "", 1, 1},
		{[]Due{file("1", OnServer, 7), file("2", OnServer, 7), file("3", OnServer, 9)}, "A backup's file is deleted from the server in 7 days|“Q1” and 1 more backup are not on this device; only other devices or backups have what is in them. Download them to keep them here.", "", 0, 2},
		{[]Due{records("Invoices", OnServer)}, "Records are deleted in 10 days|Only the server or another device has a backup of the records of Invoices from 2024-03-10 to 2024-03-31. Download it to keep them here.", "", 1, 0},
	} {
		s := summarise(c.due)
		said := []string{english(t, s.Title)}
		for _, b := range s.Body {
			said = append(said, english(t, b))
		}
		if got := strings.Join(said, "|"); got != c.says {
			t.Errorf("got  %s\nwant %s", got, c.says)
		}
		if s.BackupID() != c.leads || len(s.Modules) != c.modules || len(s.Files) != c.files {
			t.Errorf("%s: leads to %q, %d modules, %d files", c.says, s.BackupID(), len(s.Modules), len(s.Files))
		}
	}
}

// english fills a text; a blank without data fails the test.
func english(t testing.TB, x Text) string {
	t.Helper()
	if !slices.ContainsFunc(Texts(), func(known Text) bool { return known.Text == x.Text && known.One == x.One }) {
		t.Errorf("%q is not among the texts", x.Text)
	}
	text := x.Text
	if x.Count == 1 && x.One != "" {
		text = x.One
	}
	var b bytes.Buffer
	if err := template.Must(template.New("").Option("missingkey=error").Parse(text)).Execute(&b, x.Data); err != nil {
		t.Error(err)
	}
	return b.String()
}
