package reminder

import (
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// Ladder are the days before a deletion on which people can be told.
var Ladder = []int{90, 60, 30, 14, 7, 3, 1}

// Options are how a person wants to be reminded.
type Options struct {
	Days      []int `json:"days"`       // days before a deletion on which people are told; a subset of Ladder
	QuietFrom int   `json:"quiet_from"` // minutes after midnight of the person's zone; no OS notification from then …
	QuietTill int   `json:"quiet_till"` // … till then; equal: no quiet hours
}

// Defaults tell on every step of the ladder, and let people sleep.
func Defaults() Options {
	return Options{Days: slices.Clone(Ladder), QuietFrom: 22 * 60, QuietTill: 8 * 60}
}

// minutesOfDay bounds the quiet hours.
const minutesOfDay = 24 * 60

// Sound is o with nothing in it that cannot be: it may come from a file that
// somebody wrote. The steps come in the order of the ladder.
func (o Options) Sound() Options {
	days := []int{}
	for _, step := range Ladder {
		if slices.Contains(o.Days, step) {
			days = append(days, step)
		}
	}
	inDay := func(minutes int) int { return min(max(minutes, 0), minutesOfDay-1) }
	return Options{Days: days, QuietFrom: inDay(o.QuietFrom), QuietTill: inDay(o.QuietTill)}
}

// step is the lowest chosen step that so many days have come down to; 0 when
// they have come to none yet.
func (o Options) step(days int) (step int) {
	for _, s := range o.Days {
		if days <= s && (step == 0 || s < step) {
			step = s
		}
	}
	return step
}

// last is the lowest chosen step, 0 without any.
func (o Options) last() int {
	if len(o.Days) == 0 {
		return 0
	}
	return slices.Min(o.Days)
}

// Place is who holds something that this device does not.
type Place int

// The places, the worst first.
const (
	Nowhere  Place = iota // in no backup: it will be lost
	OnServer              // only in a file on the server or on another device
)

// Background is how people are told while the app is closed.
type Background int

// The ways to tell while the app is closed.
const (
	NotAtAll Background = iota // no way here
	BySystem                   // handed to the system's scheduler
	TimerOff                   // a timer of the user could be installed (Linux)
	TimerOn                    // it is
)

// Due is something that will be deleted and that no verified copy on this
// device holds.
type Due struct {
	On   calendar.Day // when
	Days int          // and in how many days

	// Clock 1: records of a module. The days are those that are not held here,
	// from the first to the last; Records is the server's count for the whole
	// stretch, so it is at most that many.
	Module, Name string
	Records      int64
	From, Till   calendar.Day

	// Clock 2: the file of a backup.
	BackupID, Title string

	Place Place
}

// key names what climbs down the ladder together: the records of a calendar
// month, whatever their module, or one file.
func (d Due) key() string {
	if d.BackupID != "" {
		return "file " + d.BackupID
	}
	return "records " + d.From.String()[:len("2006-01")]
}

// Outlook is what lies ahead, computed at one moment.
type Outlook struct {
	Today       calendar.Day    // in the organisation's zone
	Due         []Due           // the next first; within the 90 days
	Suggestion  *api.Suggestion // a backup of what is in none; nil when all is held
	SnoozedTill calendar.Day    // zero: not put off
	At          time.Time       // of the server's report
	Err         error           // why there is no newer one; nil: it is fresh
}

// Banner sums up what is next, for inside the app; false when there is nothing,
// or when it was put off.
func (o Outlook) Banner() (Summary, bool) {
	if len(o.Due) == 0 || !o.SnoozedTill.IsZero() {
		return Summary{}, false
	}
	if loud := o.loud(); len(loud) > 0 {
		return summarise(loud), true
	}
	return summarise(o.Due), true
}

// loud are those that nobody holds.
func (o Outlook) loud() []Due {
	var loud []Due
	for _, d := range o.Due {
		if d.Place == Nowhere {
			loud = append(loud, d)
		}
	}
	return loud
}
