package screens

import (
	"slices"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/reminder"
	"connectbackup/device/download"
	"connectbackup/screens/widgets"
)

func TestHome(t *testing.T) {
	s := newStage(t)
	s.world.items = sampleList()
	s.world.copies["year-end"] = copyOf(sample(), download.CopyPresent)
	home := NewHome(s.world.needs(), s.nav)
	s.show(home)
	s.mustSee("Acme Trading", "Backup", "2 pending", "On this device", "1 backup", "Last verified backup: 12 days ago")
	s.mustNotSee("It cannot be put back into the server.", "will be deleted", "due", "Loading")
	if home.Title() != "Acme Trading" {
		t.Errorf("the window is called %q", home.Title())
	}
	for _, b := range []api.Backup{pendingSample(), queuedSample()} {
		b.Status = api.StatusCompleted
		s.world.serverChanges(b)
	}
	s.waitToSee("Staff and leave, for the auditor · Performed just now")
	for label, want := range map[string]string{
		"Backup": "backups", "On this device": "on this device", "Settings": "settings", "Help": "help",
	} {
		s.tap(label)
		if s.nav.last() != want {
			t.Errorf("%s leads to %q", label, s.nav.last())
		}
	}
}

// What will be deleted stands first, and one tap leads to the form that is
// filled in with it (S4, B5).
func TestHomeReminds(t *testing.T) {
	s := newStage(t)
	s.world.items, s.world.outlook = sampleList(), dueSoon()
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustSee("1,023 records of 2 modules will be deleted from 1 Dec 2026 on.", "8 days left", "are in no backup",
		"133 further records follow until 2 Jan 2027.", "5 due")
	s.tap("Back up now")
	like := s.nav.like
	if s.nav.last() != "create" || like == nil || like.From != calendar.NewDay(2024, 12, 1) || like.Title == "" ||
		!slices.Equal(like.Modules, []string{"invoices", "messages"}) {
		t.Errorf("went %v with %+v", s.nav.went, like)
	}
	held := *dueSoon()
	held.Due = nil
	s.world.outlookChanges(held) // a copy was downloaded meanwhile
	s.Settle()
	s.mustNotSee("will be deleted", "due", "Back up now")
}

// The reminder can be put off (B7), and nothing is asked of who taps beside.
func TestHomeSnoozes(t *testing.T) {
	s := newStage(t)
	s.world.outlook = dueSoon()
	s.show(NewHome(s.world.needs(), s.nav))
	s.tap("Later")
	s.mustSee("When shall you be reminded again?", "Tomorrow", "In a week", "In the last three days")
	s.tap("Keep reminding me")
	s.mustSee("will be deleted")
	s.world.snoozeErr = errOffline
	s.tap("Later")
	s.tap("In a week")
	s.Settle()
	s.mustSee("will be deleted")
	if s.nav.toast().Tone != widgets.Bad {
		t.Errorf("it could not be put off, and the toast says %+v", s.nav.toast())
	}
	s.world.snoozeErr = nil
	s.tap("Later")
	s.tap("In a week")
	s.Until("the toast", func() bool { return s.nav.toast().Text == "You are reminded again on 30 Nov 2026." })
	s.mustNotSee("will be deleted")
	s.mustSee("5 due")
	if !slices.Equal(s.world.snoozes, []reminder.Snooze{reminder.SnoozeWeek}) {
		t.Errorf("put off %v", s.world.snoozes)
	}
}

// The last three days cannot be waited for when they have begun.
func TestHomeOffersOnlyWhatCanBe(t *testing.T) {
	s := newStage(t)
	o := dueSoon()
	for i := range o.Due {
		o.Due[i].Days, o.Due[i].On = 2, o.Today.AddDays(2)
	}
	s.world.outlook = o
	s.show(NewHome(s.world.needs(), s.nav))
	s.tap("Later")
	s.mustSee("Tomorrow", "In a week")
	s.mustNotSee("In the last three days")
}

func TestHomeOfTheDemoRemindsInTheApp(t *testing.T) {
	s := newStage(t)
	s.world.outlook, s.world.account.Demo = dueSoon(), true
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustSee("This is the demo: it reminds you in this app only.")
}

// Who may not create backups is told who can (I16).
func TestHomeRemindsWhoMayNotBackUp(t *testing.T) {
	s := newStage(t)
	s.world.outlook, s.world.account.User.Permissions = dueSoon(), nil
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustSee("You are not allowed to create backups.")
	s.tap("Back up now")
	if s.nav.last() != "" || !s.disabled("Back up now") {
		t.Error("it can be tapped")
	}
}

func TestDueTexts(t *testing.T) {
	today := calendar.NewDay(2026, 11, 23)
	records := func(days int, name string, n int64, p reminder.Place) reminder.Due {
		return reminder.Due{
			On: today.AddDays(days), Days: days, Module: strings.ToLower(name), Name: name, Records: n, Place: p,
			From: calendar.NewDay(2024, 12, 1), Till: calendar.NewDay(2024, 12, 31),
		}
	}
	file := func(days int, id string) reminder.Due {
		return reminder.Due{On: today.AddDays(days), Days: days, BackupID: id, Title: "Year " + id, Place: reminder.OnServer}
	}
	some := &api.Suggestion{From: calendar.NewDay(2024, 12, 1), Till: today, Modules: []string{"invoices"}}
	for name, c := range map[string]struct {
		due     []reminder.Due
		suggest *api.Suggestion
		title   string
		left    string
		tone    widgets.Tone
		action  dueAction
		id      string
	}{
		"one module": {
			[]reminder.Due{records(8, "Invoices", 118, reminder.Nowhere)},
			some,
			"118 records of Invoices will be deleted from 1 Dec 2026 on.", "8 days left", widgets.Waiting, dueBackUp, "",
		},
		"one record tomorrow": {
			[]reminder.Due{records(1, "Invoices", 1, reminder.Nowhere)},
			some,
			"1 record of Invoices will be deleted from 24 Nov 2026 on.", "1 day left", widgets.Bad, dueBackUp, "",
		},
		"only on the server": {
			[]reminder.Due{records(8, "Invoices", 118, reminder.OnServer)},
			nil,
			"118 records of Invoices will be deleted from 1 Dec 2026 on.", "8 days left", widgets.Waiting, dueList, "",
		},
		"two modules": {
			[]reminder.Due{records(0, "Invoices", 1100, reminder.Nowhere), records(0, "Staff", 2, reminder.Nowhere)},
			some,
			"1,102 records of 2 modules will be deleted from 23 Nov 2026 on.", "Today", widgets.Bad, dueBackUp, "",
		},
		"a file": {
			[]reminder.Due{file(30, "a")},
			nil,
			"The file of “Year a” will be deleted from the server on 23 Dec 2026.", "30 days left", widgets.Waiting, dueBackup, "a",
		},
		"two files": {
			[]reminder.Due{file(7, "a"), file(7, "b")},
			nil,
			"The files of 2 backups will be deleted from the server on 30 Nov 2026.", "7 days left", widgets.Bad, dueList, "",
		},
	} {
		got, ok := dueTextOf(reminder.Outlook{Today: today, Due: c.due, Suggestion: c.suggest})
		if !ok || got.Title != c.title || got.Left.Text != c.left || got.Left.Tone != c.tone || got.Left.Icon == "" ||
			got.Action != c.action || got.BackupID != c.id || len(got.Lines) == 0 {
			t.Errorf("%s: got %+v, %v", name, got, ok)
		}
	}
	if got, ok := dueTextOf(reminder.Outlook{Today: today}); ok {
		t.Errorf("nothing is due: %+v", got)
	}
	off := reminder.Outlook{Today: today, Due: []reminder.Due{file(3, "a")}, SnoozedTill: today.AddDays(1)}
	if got, ok := dueTextOf(off); ok {
		t.Errorf("it was put off: %+v", got)
	}
}

// The age of the last verified backup is told, and marked when it is stale (B15).
func TestVerifiedTexts(t *testing.T) {
	for days, want := range map[int]mark{
		-1: {"Last verified backup: today", widgets.Neutral, widgets.IconVerified},
		0:  {"Last verified backup: today", widgets.Neutral, widgets.IconVerified},
		1:  {"Last verified backup: 1 day ago", widgets.Neutral, widgets.IconVerified},
		30: {"Last verified backup: 30 days ago", widgets.Neutral, widgets.IconVerified},
		31: {"The last verified backup is 31 days old. Make a new one, or verify one that is here.", widgets.Waiting, widgets.IconWarning},
	} {
		if got := lastVerifiedText(testNow, testNow.AddDate(0, 0, -days), time.UTC); got != want {
			t.Errorf("%d days: got %+v", days, got)
		}
	}
	if got := lastVerifiedText(testNow, time.Time{}, time.UTC); got.Text != "No verified backup is on this device yet." {
		t.Errorf("never: got %+v", got)
	}
	midnight := time.Date(2026, 11, 22, 23, 59, 0, 0, time.UTC) // yesterday, though half a day ago
	if got := lastVerifiedText(testNow, midnight, time.UTC); got.Text != "Last verified backup: 1 day ago" {
		t.Errorf("yesterday: got %+v", got)
	}
}

// What a backup is not is said once (I14).
func TestHomeSaysOnceWhatABackupIsNot(t *testing.T) {
	s := newStage(t)
	s.world.told = map[string]bool{}
	s.world.verified = time.Time{}
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustSee("It cannot be put back into the server.", "No backups yet", "No verified backup is on this device yet.")
	s.tap("Got it")
	s.mustNotSee("It cannot be put back into the server.")
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustNotSee("It cannot be put back into the server.")
}

func TestHomeWithoutConnection(t *testing.T) {
	s := newStage(t)
	s.world.listErr, s.world.remindErr = errOffline, errOffline
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustSee("connect.example.com cannot be reached.", "Not known")
	s.world.change(func() { s.world.listErr = nil; s.world.items = sampleList()[:1] })
	s.tap("Retry")
	s.waitToSee("1 pending")
	s.mustNotSee("cannot be reached")
}

// Offline the last that was known is told with its age (I6), the reminder too.
func TestHomeOffline(t *testing.T) {
	s := newStage(t)
	s.world.listErr, s.world.remindErr, s.world.outlook = errOffline, errOffline, dueSoon()
	s.world.outlook.At = testNow.Add(-2 * time.Hour)
	s.world.age = &api.Snapshot[api.BackupPage]{Value: api.BackupPage{Items: sampleList()}, At: testNow.Add(-2 * time.Hour)}
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustSee("Offline – list from 10:42.", "2 pending", "will be deleted", "As of 10:42")
}

func TestHomeFollowsDownloads(t *testing.T) {
	s := newStage(t)
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustSee("No backup yet")
	s.world.change(func() {
		s.world.copies["year-end"] = copyOf(sample(), download.CopyPresent)
		s.world.verified = testNow
	})
	s.world.transferChanges(download.State{ID: "year-end", Phase: download.Done})
	s.waitToSee("Last verified backup: today")
	s.mustSee("1 backup")
}
