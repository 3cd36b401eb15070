package screens

import (
	"slices"
	"time"
	"unicode/utf8"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/reminder"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// deviceNameMax is the longest name of a device, in characters; the contract's
// limit.
const deviceNameMax = 80

// themes are the looks to choose from, as they are kept.
var themes = []string{"", "light", "dark"}

// languages are those to choose from, as they are kept, and what each is
// called in itself: somebody who cannot read the present one finds it.
var (
	languages     = []string{"", "en", "de", "fr", "es"}
	languageNames = []string{"", "English", "Deutsch", "Français", "Español"}
)

// personText is a person with the address that tells them from others of the
// same name.
func personText(name, email string) string {
	if name == "" {
		return email
	}
	return lang.L("{{.Name}}, {{.Email}}", blanks{"Name": name, "Email": email})
}

// checkDeviceName says what is wrong with a name; empty when nothing is.
func checkDeviceName(name string) string {
	switch {
	case name == "":
		return lang.L("Give this device a name.")
	case utf8.RuneCountInString(name) > deviceNameMax:
		return lang.L("Use at most {{.Count}} characters.", blanks{"Count": deviceNameMax})
	}
	return ""
}

// deviceRow is one machine on which the person is signed in.
type deviceRow struct {
	ID      string
	Name    string
	Detail  string // its system, and when it was last seen
	Icon    string
	Current bool // it is this one: it is left by signing out above
}

// deviceRows puts this device first; the server's order is that of the last seen.
func deviceRows(devices []api.SignedInDevice, now time.Time, zone *time.Location) []deviceRow {
	var rows []deviceRow
	for _, d := range devices {
		row := deviceRow{
			ID: d.ID, Name: d.Name, Current: d.Current, Icon: widgets.IconComputer,
			Detail: lang.L("{{.Platform}} · {{.Seen}}",
				blanks{"Platform": platformText(d.Platform), "Seen": seenText(now, d.SeenAt, zone)}),
		}
		if d.Platform == "android" || d.Platform == "ios" {
			row.Icon = widgets.IconPhone
		}
		if row.Name == "" {
			row.Name = lang.L("Without a name")
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b deviceRow) int {
		switch {
		case a.Current == b.Current:
			return 0
		case a.Current:
			return -1
		}
		return 1
	})
	return rows
}

// platformText is what people call a system.
func platformText(platform string) string {
	switch platform {
	case "linux":
		return "Linux"
	case "windows":
		return "Windows"
	case "darwin":
		return "macOS"
	case "android":
		return "Android"
	case "ios":
		return "iOS"
	}
	return lang.L("Unknown system")
}

// seenText says when a device was last seen.
func seenText(now, t time.Time, zone *time.Location) string {
	switch age := now.Sub(t); {
	case t.IsZero():
		return lang.L("not seen yet")
	case age < time.Hour: // a session is refreshed every so often: nearer is not known
		return lang.L("seen within the last hour")
	case age < 24*time.Hour:
		return plural("seen {{.Count}} hours ago", int(age/time.Hour))
	case age < 30*24*time.Hour:
		return plural("seen {{.Count}} days ago", int(age/(24*time.Hour)))
	}
	return lang.L("seen on {{.Day}}", blanks{"Day": dayText(calendar.DayOf(t, zone))})
}

// withDay adds a day to those on which people are reminded, or takes it away.
// The order is that of the ladder.
func withDay(days []int, day int, on bool) []int {
	var all []int
	for _, step := range reminder.Ladder {
		if step == day && on || step != day && slices.Contains(days, step) {
			all = append(all, step)
		}
	}
	return all
}

// withQuiet turns quiet hours on, as they usually are, or off.
func withQuiet(o reminder.Options, on bool) reminder.Options {
	o.QuietFrom, o.QuietTill = 0, 0
	if on {
		usual := reminder.Defaults()
		o.QuietFrom, o.QuietTill = usual.QuietFrom, usual.QuietTill
	}
	return o
}

func quiet(o reminder.Options) bool { return o.QuietFrom != o.QuietTill }

// minutesText writes minutes after midnight as a time of day.
func minutesText(minutes int) string {
	return clockText(time.Date(2000, 1, 1, 0, minutes, 0, 0, time.UTC), time.UTC)
}

// hours are the times of day to choose from, in minutes after midnight.
func hours() []int {
	all := make([]int, 24)
	for i := range all {
		all[i] = i * 60
	}
	return all
}

// remindersOff says what choosing no day at all means; empty when one is chosen.
func remindersOff(o reminder.Options) string {
	if len(o.Days) > 0 {
		return ""
	}
	return lang.L("Without a day you are not reminded. Home still shows what will be deleted.")
}

// backgroundText says how people are told while the app is closed, and whether
// that is theirs to choose.
func backgroundText(b reminder.Background, demo bool) (text string, choice bool) {
	switch {
	case demo:
		return lang.L("The demo reminds you in the app only."), false
	case b == reminder.BySystem:
		return lang.L("The system reminds you, also while the app is closed."), false
	case b == reminder.TimerOff || b == reminder.TimerOn:
		return lang.L("A timer of the system looks once in a while, also when the app is closed."), true
	}
	return lang.L("This system cannot remind you while the app is closed. Home shows what is due when you open it."), false
}

// snoozeText says until when the reminder is put off; empty when it is not.
func snoozeText(o reminder.Outlook) string {
	if !snoozed(o) {
		return ""
	}
	return lang.L("Put off until {{.Day}}.", blanks{"Day": dayText(o.SnoozedTill)})
}
