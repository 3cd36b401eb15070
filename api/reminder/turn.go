package reminder

import (
	"time"

	"connectbackup/api/calendar"
)

// weekly is how many days lie between two reminders when the ladder is at its
// end.
const weekly = 7

// Notification is one reminder for outside the app, whatever number of things
// it is about.
type Notification struct {
	Summary

	At    time.Time
	Day   calendar.Day    // the organisation's
	Steps map[string]Step // what is told with it
}

// Turn says whether people are to be told something now, and what is noted
// then. Each step of the ladder is told once; of several that were missed, as
// the app was closed, the last. In quiet hours, and while reminders are put off,
// nothing is told and nothing is noted: it waits.
func (o Outlook) Turn(opts Options, s State, now time.Time, person *time.Location) (Notification, State, bool) {
	loud := o.loud()
	if len(loud) == 0 || opts.quiet(now, person) || !o.SnoozedTill.IsZero() {
		return Notification{}, s, false
	}
	s = s.sound(o.Today)
	steps, over := s.due(loud, opts, o.Today)
	again := s.Put != nil && opts.step(loud[0].Days) > 0
	week := over && o.Today.Since(s.Last) >= weekly
	if len(steps) == 0 && !again && !week {
		return Notification{}, s, false
	}
	s = s.tell(o.Today, steps)
	s.Put = nil
	return Notification{Summary: summarise(loud), At: now, Day: o.Today, Steps: steps}, s, true
}

// due are the steps that have come and were not told. over says that for
// something the ladder is at its end and its day has come: what is left of it
// goes day by day.
func (s State) due(loud []Due, opts Options, today calendar.Day) (steps map[string]Step, over bool) {
	steps = map[string]Step{}
	seen := map[string]bool{}
	for _, d := range loud {
		key := d.key()
		if seen[key] {
			continue // the next of a month stands for it
		}
		seen[key] = true
		told, before := s.Steps[key]
		step := opts.step(d.Days)
		if step > 0 && (!before || step < told.Days) {
			steps[key] = Step{Days: step, On: d.On, Told: today}
		}
		over = over || before && told.Days <= opts.last() && !told.On.After(today)
	}
	return steps, over
}

// quiet reports whether that instant lies in the quiet hours.
func (o Options) quiet(t time.Time, person *time.Location) bool {
	local := t.In(person)
	at := local.Hour()*60 + local.Minute()
	if o.QuietFrom <= o.QuietTill {
		return at >= o.QuietFrom && at < o.QuietTill
	}
	return at >= o.QuietFrom || at < o.QuietTill
}

// longestQuiet is the longest that quiet hours can last: but one minute of the day
// is free, and that may be one that the clock leaves out on one day.
const longestQuiet = 50 * time.Hour

// loud is the first instant from t on that is not quiet. It goes by the clock
// on the wall, minute by minute, so that no hour that comes twice, or never,
// can mislead it.
func (o Options) loud(t time.Time, person *time.Location) time.Time {
	if !o.quiet(t, person) {
		return t
	}
	end := t.Add(longestQuiet)
	for t = t.Truncate(time.Minute); o.quiet(t, person) && t.Before(end); {
		t = t.Add(time.Minute)
	}
	return t
}

// Wake is when to look next, if nothing else happens before: at the end of the
// quiet hours, or when the organisation's next day has begun.
func (in Input) Wake(opts Options, now time.Time, person *time.Location) time.Time {
	if end := opts.loud(now, person); end.After(now) {
		return end
	}
	tomorrow := calendar.DayOf(now, in.Zone).AddDays(1).Start(in.Zone)
	return opts.loud(tomorrow, person)
}

// Plan are the notifications of the time until then, if nothing changes: for
// the system's scheduler. The first is later than now.
func (in Input) Plan(opts Options, s State, now, until time.Time, person *time.Location) []Notification {
	v := in.survey()
	var coming []Notification
	for at := in.Wake(opts, now, person); at.Before(until); at = in.Wake(opts, at, person) {
		n, after, ok := v.look(at, s).Turn(opts, s, at, person)
		if ok {
			coming, s = append(coming, n), after
		}
	}
	return coming
}
