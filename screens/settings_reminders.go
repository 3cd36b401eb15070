package screens

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"connectbackup/api/reminder"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// reminderChoices are how people wish to be reminded (requirements S4, B7).
type reminderChoices struct {
	days       *widgets.TickChips
	none       *widgets.Text // what no day at all means
	quiet      *widgets.CheckRow
	hours      *fyne.Container
	from, till *widgets.Choice
	background *widgets.Text
	timer      *widgets.CheckRow
	calendar   *widgets.Button
	snoozed    *widgets.Banner
}

func (s *settings) makeReminders() fyne.CanvasObject {
	var steps []string
	for _, day := range reminder.Ladder {
		steps = append(steps, plural("{{.Count}} days", day))
	}
	var times []string
	for _, minutes := range hours() {
		times = append(times, minutesText(minutes))
	}
	r := &s.reminders
	r.days = widgets.NewTickChips(steps, s.onDay)
	r.none = widgets.NewCaption("")
	r.quiet = widgets.NewCheckRow(lang.L("Quiet hours without notifications"), "", false, s.onQuiet)
	r.from = widgets.NewChoice(lang.L("From"), times, func(string) { s.onHours() })
	r.till = widgets.NewChoice(lang.L("Till"), times, func(string) { s.onHours() })
	r.hours = sideBySide(widgets.NewFieldBox(lang.L("From"), r.from), widgets.NewFieldBox(lang.L("Till"), r.till))
	r.background = widgets.NewMuted("")
	r.timer = widgets.NewCheckRow(lang.L("Remind me while the app is closed"), "", false, s.onTimer)
	r.calendar = widgets.NewButton(lang.L("Add to calendar"), widgets.IconCalendar, s.onCalendar)
	r.snoozed = widgets.NewBanner("", widgets.Neutral, widgets.IconClock)
	r.snoozed.Round = true
	return widgets.ColumnGap(12,
		r.snoozed,
		widgets.ColumnGap(4, widgets.NewText(lang.L("Remind me this long before something is deleted:")), r.days, r.none),
		widgets.ColumnGap(4, r.quiet, r.hours),
		widgets.ColumnGap(4, r.timer, r.background),
		widgets.Flow(r.calendar),
	)
}

// fillReminders shows what was chosen.
func (s *settings) fillReminders() {
	account, _ := s.n.Sessions.Current()
	s.showOptions(s.n.Reminders.Options())
	background := s.n.Reminders.Background()
	text, choice := backgroundText(background, account.Demo)
	s.reminders.background.SetText(text)
	show(s.reminders.timer, choice)
	s.reminders.timer.SetChecked(background == reminder.TimerOn)
	show(s.reminders.calendar, !account.Demo) // made-up deletions belong in nobody's calendar
	outlook, _ := s.n.Reminders.Outlook()
	put := snoozeText(outlook)
	s.reminders.snoozed.SetText(put)
	show(s.reminders.snoozed, put != "")
}

func (s *settings) showOptions(o reminder.Options) {
	s.options = o
	r := &s.reminders
	for i, day := range reminder.Ladder {
		r.days.SetTicked(i, slices.Contains(o.Days, day))
	}
	r.none.SetText(remindersOff(o))
	show(r.none, r.none.Text != "")
	r.quiet.SetChecked(quiet(o))
	r.from.Choose(minutesText(o.QuietFrom))
	r.till.Choose(minutesText(o.QuietTill))
	show(r.hours, quiet(o))
	s.object.Refresh()
}

func (s *settings) onDay(i int, on bool) {
	o := s.options
	o.Days = withDay(o.Days, reminder.Ladder[i], on)
	s.saveOptions(o)
}

func (s *settings) onQuiet(on bool) { s.saveOptions(withQuiet(s.options, on)) }

func (s *settings) onHours() {
	o, all := s.options, hours()
	if i := s.reminders.from.SelectedIndex(); i >= 0 {
		o.QuietFrom = all[i]
	}
	if i := s.reminders.till.SelectedIndex(); i >= 0 {
		o.QuietTill = all[i]
	}
	s.saveOptions(o)
}

// saveOptions shows the choice at once, and what was kept again if it cannot be.
func (s *settings) saveOptions(o reminder.Options) {
	n := s.n
	s.showOptions(o)
	write := s.kept.options.write(o, n.Reminders.SetOptions)
	run(&s.work, &s.choosing, write, func(err error) {
		if err != nil {
			s.fail(err)
			s.showOptions(n.Reminders.Options())
		}
	})
}

// onTimer installs what reminds while the app is closed, or removes it.
func (s *settings) onTimer(on bool) {
	n := s.n
	s.reminders.timer.Disable()
	run(&s.work, &s.timing, func(context.Context) error { return n.Reminders.SetTimer(on) }, func(err error) {
		s.reminders.timer.Enable()
		s.fillReminders()
		if err != nil {
			s.fail(err)
		}
	})
}

// onCalendar hands what is about to be deleted to the person's calendar, or
// says where the file for it is.
func (s *settings) onCalendar() {
	n := s.n
	s.reminders.calendar.Disable()
	run(&s.work, &s.exporting, func(context.Context) error {
		file, err := n.Reminders.Calendar()
		if err == nil && n.Device.Can(CanOpen) {
			err = n.Device.Open(file)
		}
		return err
	}, func(err error) {
		s.reminders.calendar.Enable()
		if err != nil {
			s.fail(err)
			return
		}
		s.nav.Toast(widgets.Toast{
			Text: lang.L("What is about to be deleted is in {{.Folder}}, for your calendar.",
				blanks{"Folder": folderName(n.Settings.Downloads())}),
			Tone: widgets.Good,
		})
	})
}
