package screens

import (
	"slices"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/reminder"
	"connectbackup/app/core"
	"connectbackup/screens/widgets"
)

func showSettings(t *testing.T, prepare func(*world)) *stage {
	t.Helper()
	s := newStage(t)
	if prepare != nil {
		prepare(s.world)
	}
	s.show(NewSettings(s.world.needs(), s.nav))
	return s
}

// The devices where the person is signed in are shown, and another one can be
// signed out (I2, B10).
func TestSettingsDevices(t *testing.T) {
	s := showSettings(t, nil)
	s.mustSee("Office PC", "This device", "Pixel 8", "Android · seen 3 hours ago", "Windows · seen on 14 Sep 2026")
	out := "Sign out of Pixel 8"
	s.tap(out)
	s.mustSee("Files that were downloaded there stay there.")
	s.tap("Stay signed in")
	if len(s.world.ended) != 0 {
		t.Fatal("signed out without being asked")
	}
	s.tap(out)
	s.tap("Sign out")
	s.Until("the toast", func() bool { return s.nav.toast().Text == "Signed out of Pixel 8." })
	s.Settle()
	s.mustNotSee("Pixel 8")
	if !slices.Equal(s.world.ended, []string{"dev_2"}) {
		t.Errorf("ended %v", s.world.ended)
	}
}

func TestSettingsDevicesFail(t *testing.T) {
	s := showSettings(t, func(w *world) { w.deviceErr = errOffline })
	s.mustSee("connect.example.com cannot be reached.")
	s.world.change(func() { s.world.deviceErr = nil })
	s.tap("Retry")
	s.waitToSee("Pixel 8")
	s.mustNotSee("cannot be reached")
}

// That the session ended stands above every screen already.
func TestSettingsDevicesOfAnEndedSession(t *testing.T) {
	s := showSettings(t, func(w *world) { w.deviceErr = api.ErrSignedOut })
	s.mustSee("Not known until you sign in again.")
	s.mustNotSee("Your session has ended.", "Retry", "Sign in\n")
}

func TestSettingsDevicesLoad(t *testing.T) {
	s := newStage(t)
	s.world.holdThem = make(chan struct{})
	s.put(NewSettings(s.world.needs(), s.nav), phoneWidth, phoneHeight)
	s.mustSee("Loading your devices")
	close(s.world.holdThem)
	s.waitToSee("Pixel 8")
	s.mustNotSee("Loading")
}

func TestDeviceRows(t *testing.T) {
	rows := deviceRows([]api.SignedInDevice{
		{ID: "a", Platform: "ios", SeenAt: testNow.Add(-time.Minute)},
		{ID: "b", Name: "B", Platform: "plan9", SeenAt: testNow.Add(-25 * time.Hour)},
		{ID: "c", Name: "C", Platform: "darwin", SeenAt: testNow.Add(time.Hour), Current: true},
		{ID: "d", Name: "D", Platform: "linux"},
	}, testNow, time.UTC)
	want := []deviceRow{
		{"c", "C", "macOS · seen within the last hour", widgets.IconComputer, true},
		{"a", "Without a name", "iOS · seen within the last hour", widgets.IconPhone, false},
		{"b", "B", "Unknown system · seen 1 day ago", widgets.IconComputer, false},
		{"d", "D", "Linux · not seen yet", widgets.IconComputer, false},
	}
	if !slices.Equal(rows, want) {
		t.Errorf("got %+v", rows)
	}
}

// Days, quiet hours and the timer are chosen (S4, B7).
func TestReminderChoices(t *testing.T) {
	s := showSettings(t, func(w *world) {
		w.background = reminder.TimerOff
		w.outlook = &reminder.Outlook{SnoozedTill: calendar.NewDay(2026, 11, 30)}
	})
	s.mustSee("Put off until 30 Nov 2026.", "A timer of the system looks once in a while")
	s.tap("90 days")
	s.tap("1 day")
	s.Settle()
	if got := s.world.options.Days; !slices.Equal(got, []int{60, 30, 14, 7, 3}) {
		t.Errorf("days %v", got)
	}
	for _, step := range []string{"60 days", "30 days", "14 days", "7 days", "3 days"} {
		s.tap(step)
	}
	s.mustSee("Without a day you are not reminded.")
	s.tap("90 days")
	s.Settle()
	if got := s.world.options.Days; !slices.Equal(got, []int{90}) {
		t.Errorf("days %v", got)
	}
	s.mustNotSee("Without a day you are not reminded.")
	s.tap("Quiet hours without notifications")
	s.Settle()
	if o := s.world.options; quiet(o) {
		t.Errorf("quiet %+v", o)
	}
	s.mustNotSee("22:00")
	s.tap("Quiet hours without notifications")
	s.mustSee("22:00", "08:00")
	s.tap("22:00")
	s.tap("21:00")
	s.Settle()
	if o := s.world.options; o.QuietFrom != 21*60 || o.QuietTill != 8*60 {
		t.Errorf("quiet %+v", o)
	}
	s.tap("Remind me while the app is closed")
	s.Until("the timer", func() bool { return fakeReminders{s.world}.Background() == reminder.TimerOn })
}

// What cannot be kept is told, and what was kept is shown again.
func TestReminderChoicesFail(t *testing.T) {
	s := showSettings(t, func(w *world) {
		w.background, w.optionsErr, w.timerErr = reminder.TimerOff, errOffline, errOffline
	})
	s.tap("Quiet hours without notifications")
	s.Settle()
	s.mustSee("22:00")
	if s.nav.toast().Tone != widgets.Bad {
		t.Errorf("the toast is %+v", s.nav.toast())
	}
	s.tap("Remind me while the app is closed")
	s.Settle()
	if o := s.control("Remind me while the app is closed").(*widgets.CheckRow); o.Checked || o.Disabled() || len(s.nav.toasts) != 2 {
		t.Errorf("ticked %v, off %v, toasts %v", o.Checked, o.Disabled(), s.nav.toasts)
	}
}

// What is about to be deleted is handed to the calendar (B7), where there is
// something, and not for a demo.
func TestAddToCalendar(t *testing.T) {
	s := showSettings(t, func(*world) {})
	s.tap("Add to calendar")
	s.Settle()
	if got := s.world.did; !slices.Equal(got, []string{"open /home/ada/Downloads/connect-backup-deletions.ics"}) || s.nav.toast().Tone != widgets.Good {
		t.Errorf("done: %q, the toast is %+v", got, s.nav.toast())
	}
	s.world.change(func() { s.world.calendarErr = core.ErrNothingDue })
	s.tap("Add to calendar")
	s.Settle()
	if s.nav.toast().Tone != widgets.Bad || len(s.world.did) != 1 {
		t.Errorf("with nothing due: done %q, the toast is %+v", s.world.did, s.nav.toast())
	}
	showSettings(t, func(w *world) { w.account.Demo = true }).mustNotSee("Add to calendar")
}

func TestBackgroundTexts(t *testing.T) {
	seen := map[string]bool{}
	for b, choice := range map[reminder.Background]bool{
		reminder.NotAtAll: false, reminder.BySystem: false, reminder.TimerOff: true, reminder.TimerOn: true,
	} {
		text, can := backgroundText(b, false)
		if text == "" || can != choice {
			t.Errorf("%v: %q, choice %v", b, text, can)
		}
		seen[text] = true
		if text, can := backgroundText(b, true); text != "The demo reminds you in the app only." || can {
			t.Errorf("%v in the demo: %q, choice %v", b, text, can)
		}
	}
	if len(seen) != 3 {
		t.Errorf("%v", seen)
	}
}

// Another language is kept, and the screens are made anew in it.
func TestLanguages(t *testing.T) {
	s := showSettings(t, nil)
	s.tap("Deutsch")
	s.Until("new screens", func() bool { return s.nav.last() == "remade" })
	if s.world.language != "de" {
		t.Errorf("kept %q", s.world.language)
	}
	s.world.languageErr = errOffline
	s.tap("Français")
	s.Until("the toast", func() bool { return s.nav.toast().Tone == widgets.Bad })
	if c := s.control("Deutsch").(*widgets.ChoiceChip); !c.Selected || len(s.nav.went) != 1 {
		t.Error("what could not be kept stays chosen")
	}
	s.world.languageErr = nil
	s.tap("As the system")
	s.Until("new screens", func() bool { return len(s.nav.went) == 2 })
}

func TestSettingsLeadOn(t *testing.T) {
	s := showSettings(t, nil)
	s.tap("Help")
	s.tap("Licences")
	if !slices.Equal(s.nav.went, []string{"help", "licences"}) {
		t.Errorf("went %v", s.nav.went)
	}
}
