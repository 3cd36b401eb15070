package reminder

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"connectbackup/api/calendar"
)

// ErrNotNow says that reminders cannot be put off so: there are none, or the
// last three days have begun.
var ErrNotNow = errors.New("reminders cannot be put off so")

// Snooze is how long reminders are put off.
type Snooze int

// The ways to put off.
const (
	SnoozeDay Snooze = iota
	SnoozeWeek
	SnoozeLastDays // until the last three days
)

// lastDays are those of SnoozeLastDays.
const lastDays = 3

// astray is how many days apart two looks at the clock may be without one of
// them having been wrong: a clock that is put right by seconds can cross midnight.
const astray = 2

// stepsMax is how many steps are remembered: months and files of some years.
const stepsMax = 200

// State is what was told already. It is kept across restarts.
type State struct {
	Steps  map[string]Step `json:"steps,omitempty"`
	Last   calendar.Day    `json:"last"` // when people were last told anything
	Put    *Put            `json:"put,omitempty"`
	Handed []Handed        `json:"handed,omitempty"`
}

// Step is the lowest step of the ladder on which something was told.
type Step struct {
	Days int          `json:"days"` // the step
	On   calendar.Day `json:"on"`   // the deletion, as it stood then
	Told calendar.Day `json:"told"` // when
}

// Put is that reminders were put off.
type Put struct {
	How  Snooze       `json:"how"`
	Made calendar.Day `json:"made"`
	Till calendar.Day `json:"till"` // the first day on which they come again
}

// Handed is a notification that the system will show by itself.
type Handed struct {
	At    time.Time       `json:"at"`
	Day   calendar.Day    `json:"day"`
	Steps map[string]Step `json:"steps"`
}

// sound is s without what was noted while the clock was wrong: what is said to
// have been told on a day that has not come yet.
func (s State) sound(today calendar.Day) State {
	limit := today.AddDays(astray)
	steps := maps.Clone(s.Steps)
	maps.DeleteFunc(steps, func(_ string, step Step) bool { return step.Told.After(limit) })
	s.Steps = steps
	if s.Last.After(limit) {
		s.Last = calendar.Day{}
	}
	if s.Put != nil && s.Put.Made.After(limit) {
		s.Put = nil
	}
	return s
}

// tell notes that this was told.
func (s State) tell(day calendar.Day, steps map[string]Step) State {
	all := maps.Clone(s.Steps)
	if all == nil {
		all = map[string]Step{}
	}
	maps.Copy(all, steps)
	s.Steps, s.Last = newest(all), day
	return s
}

// newest drops the oldest steps where there are too many. It does not go by
// today, which may be wrong.
func newest(steps map[string]Step) map[string]Step {
	if len(steps) <= stepsMax {
		return steps
	}
	keys := slices.SortedFunc(maps.Keys(steps), func(a, b string) int {
		return cmp.Or(steps[a].On.Compare(steps[b].On), cmp.Compare(a, b))
	})
	for _, key := range keys[:len(keys)-stepsMax] {
		delete(steps, key)
	}
	return steps
}

// HandOver notes that the system will show these, in place of those from before.
func (s State) HandOver(coming []Notification) State {
	s.Handed = nil
	for _, n := range coming {
		s.Handed = append(s.Handed, Handed{At: n.At, Day: n.Day, Steps: n.Steps})
	}
	return s
}

// Shown notes what the system has shown by itself up to now.
func (s State) Shown(now time.Time) State {
	var coming []Handed
	for _, h := range s.Handed {
		if h.At.After(now) {
			coming = append(coming, h)
			continue
		}
		s = s.tell(h.Day, h.Steps)
		if s.Put != nil && !h.Day.Before(s.Put.Till) {
			s.Put = nil // with that the reminders have come again
		}
	}
	s.Handed = coming
	return s
}

// CanSnooze reports whether reminders can be put off so.
func (o Outlook) CanSnooze(how Snooze) bool {
	return len(o.Due) > 0 && (how == SnoozeDay || how == SnoozeWeek || how == SnoozeLastDays && o.nearest().Days > lastDays)
}

// nearest is what is deleted next, of what nobody holds if there is such.
func (o Outlook) nearest() Due {
	if loud := o.loud(); len(loud) > 0 {
		return loud[0]
	}
	return o.Due[0]
}

// Snooze puts reminders off; ErrNotNow when that cannot be. A week does not run
// over a deletion that is still days away: the evening before is told.
func (s State) Snooze(o Outlook, how Snooze) (State, error) {
	if !o.CanSnooze(how) {
		return s, ErrNotNow
	}
	next := o.nearest()
	till := o.Today.AddDays(1)
	switch how {
	case SnoozeWeek:
		till = o.Today.AddDays(7)
		if eve := next.On.AddDays(-1); eve.After(o.Today) && eve.Before(till) {
			till = eve
		}
	case SnoozeLastDays:
		till = next.On.AddDays(-lastDays)
	}
	s.Put = &Put{How: how, Made: o.Today, Till: till}
	return s, nil
}

// snoozedTill is till when reminders are put off; zero when they are not.
func (s State) snoozedTill(o Outlook) calendar.Day {
	p := s.sound(o.Today).Put
	if p == nil || !o.Today.Before(p.Till) {
		return calendar.Day{}
	}
	if p.How == SnoozeLastDays && len(o.Due) > 0 && o.nearest().Days <= lastDays {
		return calendar.Day{} // something has come up that goes sooner
	}
	return p.Till
}
