package reminder

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the rules must not depend on the machine

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// site is an organisation, its server, and a device of one of its people. The
// server makes its report as api/server does.
type site struct {
	*testing.T
	zone, person *time.Location
	records      map[string]map[calendar.Day]int64 // by module
	server, here []api.Backup

	now    time.Time     // truth
	wrong  time.Duration // by how much the device's clock is wrong
	in     Input
	opts   Options
	state  State
	told   []telling
	danger map[string]danger // by month
	before Outlook
}

// danger is since when nobody holds records of a month, and when the first of
// them were to go.
type danger struct{ since, on calendar.Day }

type telling struct {
	n    Notification
	loud []Due
	at   time.Time // in truth
}

var modules = []string{"invoices", "visitors", "assets"}

// newSite has five years of records, from two before its first day on.
func newSite(t *testing.T, zone, person string, first calendar.Day) *site {
	t.Helper()
	s := &site{
		T: t, zone: location(t, zone), person: location(t, person), opts: Defaults(),
		records: map[string]map[calendar.Day]int64{}, danger: map[string]danger{},
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, m := range modules {
		s.records[m] = map[calendar.Day]int64{}
	}
	for d := first.AddMonths(-keptMonths); d.Before(first.AddMonths(36)); d = d.AddDays(1) {
		s.records["invoices"][d] = 1 + random.Int64N(9)
		if w := d.Weekday(); w != time.Saturday && w != time.Sunday {
			s.records["visitors"][d] = random.Int64N(5)
		}
		if d.Date == 15 {
			s.records["assets"][d] = 1
		}
	}
	s.now = first.Start(s.zone)
	return s
}

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func (s *site) today() calendar.Day { return calendar.DayOf(s.now, s.zone) }

// report is what the server answers now.
func (s *site) report() api.RetentionReport {
	today := s.today()
	r := api.RetentionReport{Today: today, Upcoming: []api.Deletion{}}
	first := calendar.Window(today, keptMonths).From
	last := calendar.Window(today.AddDays(90), keptMonths).From.AddDays(-1)
	for !first.After(last) {
		end := calendar.NewDay(first.Year, first.Month, calendar.DaysIn(first.Year, first.Month))
		if end.After(last) {
			end = last
		}
		for _, m := range modules {
			d := api.Deletion{Module: m, Name: strings.ToUpper(m)}
			for day := first; !day.After(end); day = day.AddDays(1) {
				if n := s.records[m][day]; n > 0 {
					if d.Records == 0 {
						d.From = day
					}
					d.Till, d.Records = day, d.Records+n
				}
			}
			if d.Records > 0 {
				d.On = deletedOn(d.From)
				for _, b := range s.server {
					if _, open := holdingsOf([]api.Backup{b}, s.zone).of(m, nil).outside(calendar.Range{From: d.From, Till: d.Till}); !open {
						d.CoveredBy = append(d.CoveredBy, b.ID)
					}
				}
				r.Upcoming = append(r.Upcoming, d)
			}
		}
		first = end.AddDays(1)
	}
	slices.SortStableFunc(r.Upcoming, func(a, b api.Deletion) int { return a.On.Compare(b.On) })
	for _, b := range s.server {
		if b.ExpiresAt.Before(today.AddDays(91).Start(s.zone)) && b.ExpiresAt.After(s.now) {
			r.Archives = append(r.Archives, api.ArchiveExpiry{BackupID: b.ID, Title: b.Title, ExpiresAt: *b.ExpiresAt})
		}
	}
	return r
}

// clock is the device's.
func (s *site) clock() time.Time { return s.now.Add(s.wrong) }

func (s *site) ask() {
	s.in = Input{Report: s.report(), At: s.clock(), Zone: s.zone, Held: s.here, Server: s.server}
}

// backUp makes a backup now; it is on the server only, until it is fetched.
func (s *site) backUp(from, till calendar.Day, keys ...string) api.Backup {
	now := s.now
	ends := calendar.AddMonths(now, keptMonths, s.zone)
	b := api.Backup{
		ID: fmt.Sprintf("bkp_%d", len(s.server)), Title: "Backup of " + s.today().String(), From: from, Till: till,
		DataAsOf: &now, ExpiresAt: &ends, Status: api.StatusCompleted,
	}
	for _, k := range keys {
		m := api.BackupModule{Key: k, Status: api.ModuleOK}
		for d, n := range s.records[k] {
			if !d.Before(from) && !d.After(till) {
				m.Records += n
			}
		}
		b.Modules = append(b.Modules, m)
	}
	s.server = append(s.server, b)
	return b
}

// hour is one look at the clock by the app.
func (s *site) hour() {
	s.in.Held, s.in.Server = s.here, s.server
	o := s.in.Look(s.clock(), s.state)
	n, after, ok := o.Turn(s.opts, s.state, s.clock(), s.person)
	if s.wrong == 0 {
		s.before = o
	}
	if !ok {
		return
	}
	s.told = append(s.told, telling{n, o.loud(), s.now})
	// What is kept goes through a file at every turn, as at a restart.
	s.state = restarted(s.T, after)
}

func restarted(t testing.TB, s State) (again State) {
	t.Helper()
	b, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(b, &again)
	}
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func (s *site) held(module string, d calendar.Day) bool {
	_, open := holdingsOf(s.here, s.zone).of(module, nil).outside(calendar.Range{From: d, Till: d})
	return !open
}

// fate is what became of the records of a module and a day.
type fate struct{ held, onServer, announced int64 }

// endOf judges the records that the server deletes today.
func (s *site) endOf(module string, d calendar.Day, f *fate) {
	n, on := s.records[module][d], s.today()
	if n == 0 {
		return
	}
	includes := func(all []Due) (Due, bool) {
		i := slices.IndexFunc(all, func(x Due) bool {
			return x.Module == module && calendar.Range{From: x.From, Till: x.Till}.Contains(d)
		})
		if i < 0 {
			return Due{}, false
		}
		return all[i], true
	}
	due, spoken := includes(s.before.Due)
	switch {
	case s.held(module, d):
		f.held += n
		if spoken {
			s.Errorf("%s: %s of %s is held here and is spoken of", on, module, d)
		}
		return
	case !spoken:
		s.Fatalf("%s: %s of %s went without being in yesterday's outlook: %+v", on, module, d, s.before)
	case due.Place == OnServer:
		f.onServer += n
		return
	}
	f.announced += n
	month := due.key()
	in := s.danger[month]
	for _, step := range Ladder {
		when := in.on.AddDays(-step)
		if when.Before(in.since) || s.closed(when) {
			continue
		}
		if !slices.ContainsFunc(s.told, func(x telling) bool {
			return x.n.Steps[month].Days == step && !x.n.Day.After(when)
		}) {
			s.Errorf("%s: %s of %s, in danger since %s, was not announced by %s, %d days ahead", on, module, d, in.since, when, step)
		}
	}
	// And as long as it is there, it is spoken of again and again.
	last := calendar.Day{}
	for _, x := range s.told {
		if _, ok := includes(x.loud); ok {
			last = x.n.Day
		}
	}
	if ahead := on.Since(last); !s.closed(on) && !s.closed(on.AddDays(-8)) && (last.IsZero() || ahead > 7) {
		s.Errorf("%s: %s of %s, in danger since %s, was last announced on %q", on, module, d, in.since, last)
	}
}

// The app does not run on these days, and on those it reaches no server.
var closedDays, offlineDays = [][2]int{{40, 52}, {500, 530}}, [][2]int{{60, 88}}

func among(spans [][2]int, n int) bool {
	return slices.ContainsFunc(spans, func(span [2]int) bool { return n >= span[0] && n <= span[1] })
}

func (s *site) closed(d calendar.Day) bool { return among(closedDays, d.Since(firstDay)) }

var firstDay = calendar.NewDay(2026, time.February, 1)

func (s *site) day(n int) calendar.Day { return firstDay.AddDays(n) }

// events are what happens on a day of the two years.
func (s *site) events(n int) {
	full := func() api.Backup { return s.backUp(s.today().AddMonths(-keptMonths).AddDays(1), s.today(), modules...) }
	switch n {
	case 120: // all is saved, and then made again each day but fetched no more
		s.here = append(s.here, full())
	case 330: // the copy is deleted here: only the server has it
		s.here = nil
	case 380: // and then the server has not, either
		s.server = nil
	case 450: // one module alone, in two parts that meet
		a, z := s.today().AddMonths(-keptMonths).AddDays(1), s.today().AddDays(-1)
		mid := a.AddDays(100)
		s.here = append(s.here, s.backUp(a, mid, "invoices"), s.backUp(mid.AddDays(1), z, "invoices"))
	case 600:
		s.here = append(s.here, full())
	case 640: // a failing disk
		s.here = nil
		s.server = nil
	}
}

// clockOf sets the device's clock: for some hours of some days it is years off.
func (s *site) clockOf(n, hour int) {
	s.wrong = 0
	if hour < 9 || hour > 12 {
		return
	}
	switch n % 50 {
	case 17:
		s.wrong = 2 * 365 * 24 * time.Hour
	case 33:
		s.wrong = -365 * 24 * time.Hour
	}
}

// TestTwoYears lets two years pass, hour by hour. Whatever the server deletes
// is then in a verified copy on this device, or was announced on each step of
// the ladder before it went (S4).
func TestTwoYears(t *testing.T) {
	for _, c := range []struct{ zone, person string }{
		{"Europe/Berlin", "Europe/Berlin"},
		{"Pacific/Apia", "America/St_Johns"},
		{"America/Santiago", "Asia/Kathmandu"}, // a day that begins at 01:00
		{"Australia/Lord_Howe", "Africa/Casablanca"},
	} {
		t.Run(c.zone+" from "+c.person, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, c.zone, c.person, firstDay)
			s.pass(730)
		})
	}
}

// pass lets days pass and prints a table of what came of them.
func (s *site) pass(days int) {
	table := []string{"month     told   held here  on the server  announced and lost"}
	f, all, counted := fate{}, fate{}, 0
	s.ask()
	for n := range days {
		today := s.day(n)
		if gone := calendar.Window(today, keptMonths).From; n > 0 {
			for d := calendar.Window(s.day(n-1), keptMonths).From; d.Before(gone); d = d.AddDays(1) {
				for _, m := range modules {
					s.endOf(m, d, &f)
				}
			}
		}
		s.events(n)
		closed, offline := among(closedDays, n), among(offlineDays, n)
		for hour := 0; s.today() == today; hour++ {
			s.clockOf(n, hour)
			if !offline && hour%6 == 0 {
				s.ask() // with whatever clock: the server says which day it is
			}
			if !closed {
				s.hour()
			} else if s.wrong == 0 {
				s.ask()
				s.before = s.in.Look(s.clock(), s.state)
			}
			s.now = s.now.Add(time.Hour)
		}
		s.note(today)
		if next := s.day(n + 1); next.Month != today.Month || n == days-1 {
			table = append(table, fmt.Sprintf("%s  %4d  %10d  %13d  %18d", today.String()[:7], len(s.told)-counted, f.held, f.onServer, f.announced))
			all = fate{all.held + f.held, all.onServer + f.onServer, all.announced + f.announced}
			f, counted = fate{}, len(s.told)
		}
	}
	s.Log("\n" + strings.Join(table, "\n"))
	if min(all.held, all.onServer, all.announced) < 100 {
		s.Errorf("too little came of it to prove anything: %+v", all)
	}
	s.check()
}

// note remembers which months are in danger.
func (s *site) note(today calendar.Day) {
	now := map[string]bool{}
	for _, d := range s.before.loud() {
		if now[d.key()] {
			continue // the first of a month stands for it
		}
		now[d.key()] = true
		known, ok := s.danger[d.key()]
		switch {
		case !ok:
			known = danger{today, d.On}
		case today.Before(known.on): // some of it is held by now
			known.on = d.On
		}
		s.danger[d.key()] = known
	}
	for key := range s.danger {
		if !now[key] {
			delete(s.danger, key)
		}
	}
}

// check looks at all that was told.
func (s *site) check() {
	if len(s.told) < 50 {
		s.Errorf("only %d notifications in all", len(s.told))
	}
	steps := map[string]map[int]int{}
	for i, x := range s.told {
		if s.opts.quiet(x.at, s.person) {
			s.Errorf("told at %v, in quiet hours", x.at.In(s.person))
		}
		if i > 0 && s.told[i-1].n.Day == x.n.Day {
			s.Errorf("told twice on %s: %v and %v", x.n.Day, s.told[i-1].n.Title, x.n.Title)
		}
		if calendar.DayOf(x.at, s.zone) != x.n.Day {
			s.Errorf("on %s it was taken for %s", calendar.DayOf(x.at, s.zone), x.n.Day)
		}
		for key, step := range x.n.Steps {
			if steps[key] == nil {
				steps[key] = map[int]int{}
			}
			if steps[key][step.Days]++; steps[key][step.Days] > 1 {
				s.Errorf("%s: step %d of %s told again", x.n.Day, step.Days, key)
			}
		}
	}
}
