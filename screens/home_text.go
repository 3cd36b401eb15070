package screens

import (
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/reminder"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// dueAction is what the reminder on Home leads to.
type dueAction int

const (
	dueBackUp dueAction = iota // the form, filled in with what is in no backup (B5)
	dueBackup                  // the one backup whose file goes, to download it
	dueList                    // the list: what goes is on the server and not here
)

// dueText is what the reminder on Home says (requirements S4, B7): what goes
// next, whether anything holds it, and what follows.
type dueText struct {
	Title    string
	Left     mark
	Lines    []string
	Action   dueAction
	BackupID string // for dueBackup
}

// dueTextOf words the banner of an outlook; false when there is nothing to
// remind of, or the person put it off.
func dueTextOf(o reminder.Outlook) (dueText, bool) {
	s, remind := o.Banner()
	if !remind {
		return dueText{}, false
	}
	d := dueText{Title: dueTitle(s), Left: daysLeftMark(s.Days)}
	for _, t := range s.Body {
		d.Lines = append(d.Lines, reminderText(t))
	}
	if follow := followText(o.Due, s.Records); follow != "" {
		d.Lines = append(d.Lines, follow)
	}
	switch {
	case len(s.Modules) > 0 && s.Place == reminder.Nowhere && o.Suggestion != nil:
		d.Action = dueBackUp
	case s.BackupID() != "":
		d.Action, d.BackupID = dueBackup, s.BackupID()
	default:
		d.Action = dueList
	}
	return d, true
}

func dueTitle(s reminder.Summary) string {
	day := blanks{"Day": dayText(s.On)}
	switch {
	case len(s.Modules) == 1:
		return plural("{{.Count}} records of {{.Module}} will be deleted from {{.Day}} on.", int(s.Records),
			blanks{"Module": s.Modules[0]}, day)
	case len(s.Modules) > 1:
		return plural("{{.Count}} records of {{.Modules}} modules will be deleted from {{.Day}} on.", int(s.Records),
			blanks{"Modules": countText(int64(len(s.Modules)))}, day)
	case len(s.Files) == 1:
		return lang.L("The file of “{{.Title}}” will be deleted from the server on {{.Day}}.",
			blanks{"Title": s.Files[0].Title, "Day": dayText(s.On)})
	}
	return plural("The files of {{.Count}} backups will be deleted from the server on {{.Day}}.", len(s.Files), day)
}

// reminderText says a sentence of the reminders in the person's language.
func reminderText(t reminder.Text) string {
	data := blanks{}
	for name, value := range t.Data {
		if day, ok := value.(calendar.Day); ok {
			value = dayText(day)
		}
		data[name] = value
	}
	if t.Count < 0 {
		return lang.L(t.Text, data)
	}
	return lang.N(t.Text, t.Count, data)
}

// followText says how many records go after those that the banner tells of.
func followText(due []reminder.Due, told int64) string {
	records, last := -told, calendar.Day{}
	for _, d := range due {
		if d.Module != "" {
			records += d.Records
			last = d.On
		}
	}
	if records <= 0 {
		return ""
	}
	return plural("{{.Count}} further records follow until {{.Day}}.", int(records), blanks{"Day": dayText(last)})
}

func snoozed(o reminder.Outlook) bool { return !o.SnoozedTill.IsZero() }

// urgentDays is from when on a deletion is marked as urgent.
const urgentDays = 7

// daysLeftMark says in how many days something goes.
func daysLeftMark(days int) mark {
	m := mark{Text: plural("{{.Count}} days left", days), Tone: widgets.Waiting, Icon: widgets.IconClock}
	if days <= 0 {
		m.Text = lang.L("Today")
	}
	if days <= urgentDays {
		m.Tone, m.Icon = widgets.Bad, widgets.IconWarning
	}
	return m
}

// suggested is the form filled in with what is about to be deleted (B5).
func suggested(s api.Suggestion) api.NewBackup {
	return api.NewBackup{
		Title: suggestRescue(calendar.Range{From: s.From, Till: s.Till}),
		From:  s.From, Till: s.Till, Modules: slices.Clone(s.Modules),
	}
}

// staleDays is the age from which on the last verified backup is marked as old
// (requirement B15).
const staleDays = 30

// lastVerifiedText says how old the last verified backup on this device is.
func lastVerifiedText(now, at time.Time, zone *time.Location) mark {
	if at.IsZero() {
		return mark{lang.L("No verified backup is on this device yet."), widgets.Neutral, widgets.IconInfo}
	}
	days := daysSince(at, now, zone)
	switch {
	case days <= 0: // also when this device's clock was put back
		return mark{lang.L("Last verified backup: today"), widgets.Neutral, widgets.IconVerified}
	case days <= staleDays:
		return mark{plural("Last verified backup: {{.Count}} days ago", days), widgets.Neutral, widgets.IconVerified}
	}
	return mark{
		plural("The last verified backup is {{.Count}} days old. Make a new one, or verify one that is here.", days),
		widgets.Waiting, widgets.IconWarning,
	}
}

// copiesText is the live line of the tile "On this device".
func copiesText(count int) string {
	if count == 0 {
		return lang.L("No backup yet")
	}
	return plural("{{.Count}} backups", count)
}

// tileText is the live line of the tile "Backup": what is under way, or else
// when the newest one was performed.
func tileText(items []api.Backup, now time.Time, zone *time.Location) string {
	pending := 0
	for _, b := range items {
		if b.Status == api.StatusPending {
			pending++
		}
	}
	switch {
	case pending > 0:
		return plural("{{.Count}} pending", pending)
	case len(items) == 0:
		return lang.L("No backups yet")
	}
	newest := items[0]
	return lang.L("{{.Title}} · {{.Performed}}",
		blanks{"Title": newest.Title, "Performed": performedText(now, newest.PerformedAt, zone)})
}
