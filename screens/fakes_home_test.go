package screens

import (
	"context"
	"fmt"
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/reminder"
	"connectbackup/device/download"
)

// tellings is the part of the world that Home, Settings and Help ask.
type tellings struct {
	outlook     *reminder.Outlook // nil: nothing is known
	remindErr   error
	snoozes     []reminder.Snooze
	snoozeErr   error
	options     reminder.Options
	optionsErr  error
	background  reminder.Background
	calendarErr error
	timerErr    error
	watchers    map[int]func(reminder.Outlook)

	verified  time.Time
	devices   []api.SignedInDevice
	deviceErr error
	holdThem  chan struct{} // Devices waits for it
	ended     []string

	platform, language string
	languageErr        error
}

func newTellings() tellings {
	return tellings{
		options: reminder.Defaults(), platform: "linux", watchers: map[int]func(reminder.Outlook){},
		verified: testNow.Add(-12 * 24 * time.Hour),
		devices: []api.SignedInDevice{
			{ID: "dev_2", Name: "Pixel 8", Platform: "android", SeenAt: testNow.Add(-3 * time.Hour)},
			{ID: "dev_1", Name: "Office PC", Platform: "linux", SeenAt: testNow, Current: true},
			{ID: "dev_3", Name: "Old laptop", Platform: "windows", SeenAt: testNow.Add(-70 * 24 * time.Hour)},
		},
	}
}

// dueSoon is an outlook in which three modules lose records next, and a file
// and further records go later.
func dueSoon() *reminder.Outlook {
	today := calendar.DayOf(testNow, time.UTC)
	on := today.AddDays(8)
	from := calendar.NewDay(2024, 12, 1)
	due := func(on calendar.Day, module, name string, records int64, place reminder.Place) reminder.Due {
		from := on.AddMonths(-24)
		return reminder.Due{
			On: on, Days: on.Since(today), Module: module, Name: name, Records: records, From: from, Till: from.AddDays(29), Place: place,
		}
	}
	return &reminder.Outlook{
		Today: today, At: testNow,
		Due: []reminder.Due{
			due(on, "invoices", "Invoices", 118, reminder.Nowhere),
			due(on, "messages", "Messages", 905, reminder.Nowhere),
			due(on, "staff", "Staff", 2, reminder.OnServer),
			{On: today.AddDays(30), Days: 30, BackupID: "m5", Title: "Monthly backup 1", Place: reminder.OnServer},
			due(today.AddDays(40), "invoices", "Invoices", 131, reminder.Nowhere),
		},
		Suggestion: &api.Suggestion{From: from, Till: from.AddDays(60), Modules: []string{"invoices", "messages"}, Reason: api.ReasonExpiring},
	}
}

// outlookChanges tells all who watch, on a goroutine of its own as the app does.
func (w *world) outlookChanges(o reminder.Outlook) {
	w.mu.Lock()
	w.outlook = &o
	var all []func(reminder.Outlook)
	for _, f := range w.watchers {
		all = append(all, f)
	}
	w.mu.Unlock()
	w.hops().Go(func() {
		for _, f := range all {
			f(o)
		}
	})
}

type fakeReminders struct{ *world }

func (f fakeReminders) Outlook() (reminder.Outlook, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.outlook == nil {
		return reminder.Outlook{}, false
	}
	return *f.outlook, true
}

func (f fakeReminders) Refresh(context.Context) (reminder.Outlook, error) {
	o, known := f.Outlook()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.remindErr != nil && !known {
		return reminder.Outlook{}, f.remindErr
	}
	o.Err = f.remindErr
	return o, nil
}

func (f fakeReminders) Subscribe(watch func(reminder.Outlook)) (cancel func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	id := f.next
	f.watchers[id] = watch
	return func() { f.change(func() { delete(f.watchers, id) }) }
}

func (f fakeReminders) Snooze(s reminder.Snooze) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.snoozeErr != nil {
		return f.snoozeErr
	}
	f.snoozes = append(f.snoozes, s)
	o := *f.outlook
	o.SnoozedTill = o.Today.AddDays(map[reminder.Snooze]int{
		reminder.SnoozeDay: 1, reminder.SnoozeWeek: 7, reminder.SnoozeLastDays: o.Due[0].Days - 3,
	}[s])
	f.outlook = &o
	return nil
}

func (f fakeReminders) Options() reminder.Options {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.options
}

func (f fakeReminders) SetOptions(o reminder.Options) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.optionsErr == nil {
		f.options = o
	}
	return f.optionsErr
}

func (f fakeReminders) Background() reminder.Background {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.background
}

func (f fakeReminders) Calendar() (download.Location, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return "/home/ada/Downloads/connect-backup-deletions.ics", f.calendarErr
}

func (f fakeReminders) SetTimer(on bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.timerErr != nil {
		return f.timerErr
	}
	f.background = reminder.TimerOff
	if on {
		f.background = reminder.TimerOn
	}
	return nil
}

func (f fakeDownloads) LastVerified() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.verified
}

func (f fakeSessions) Devices(ctx context.Context) ([]api.SignedInDevice, error) {
	f.mu.Lock()
	hold := f.holdThem
	f.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.devices), f.deviceErr
}

func (f fakeSessions) SignOutDevice(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.devices, func(d api.SignedInDevice) bool { return d.ID == id })
	if i < 0 {
		return fmt.Errorf("sign out of %s: %w", id, problem(api.CodeNotFound, 404))
	}
	f.ended = append(f.ended, id)
	f.devices = slices.Delete(slices.Clone(f.devices), i, i+1)
	return nil
}

func (f fakeSettings) Platform() string { return f.platform }

func (f fakeSettings) Language() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.language
}

func (f fakeSettings) SetLanguage(tag string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.languageErr == nil {
		f.language = tag
	}
	return f.languageErr
}
