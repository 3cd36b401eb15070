package screens

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/screens/widgets"
)

func showForm(t *testing.T, like *api.NewBackup, prepare func(*stage)) *stage {
	t.Helper()
	s := newStage(t)
	if prepare != nil {
		prepare(s)
	}
	s.show(NewCreate(s.world.needs(), s.nav, like))
	return s
}

// The usual: two years to today, all modules, a title that typing replaces
// (S27 to S39).
func TestCreate(t *testing.T) {
	s := showForm(t, nil, nil)
	s.mustSee("23 Nov 2024", "23 Nov 2026", "13 of 13", "Invoices", "18,233 rows", "not subscribed", "no rows")
	title := s.entry(0)
	if title.Text != "Backup 23 Nov 2024 – 23 Nov 2026" {
		t.Errorf("suggested %q", title.Text)
	}
	if !fyne.CurrentDevice().IsMobile() && title.SelectedText() != title.Text {
		t.Errorf("selected %q", title.SelectedText())
	}
	s.tap("Visitors")
	s.mustSee("12 of 13")
	s.tap("Create backup")
	s.Until("the list", func() bool { return s.nav.last() == "backups" })
	if got := s.nav.toast(); got.Text != "Backup started. It turns green here when it is ready." || got.Tone != widgets.Good {
		t.Errorf("toast: %+v", got)
	}
	sent := s.world.created[0]
	if sent.From != day("2024-11-23") || sent.Till != day("2026-11-23") || len(sent.Modules) != 12 || slices.Contains(sent.Modules, "visitors") {
		t.Errorf("sent %+v", sent)
	}
}

func TestCreateChecksTheForm(t *testing.T) {
	s := showForm(t, nil, nil)
	s.fill(0, " ")
	s.tap("None")
	s.mustSee("0 of 13")
	s.tap("Create backup")
	s.mustSee("Give the backup a title.", "Tick at least one module.")
	if len(s.world.created) != 0 {
		t.Fatal("it was sent")
	}
	s.tap("With data")
	s.mustSee("11 of 13")
	s.mustNotSee("Tick at least one module.")
	s.tap("All")
	s.mustSee("13 of 13")
	s.fill(0, strings.Repeat("x", 81))
	s.mustNotSee("Give the backup a title.")
	s.press(fyne.KeyReturn)
	s.mustSee("Use at most 80 characters.")
}

// The date window sets the day on OK, not on Cancel, and another year takes
// one tap (S30 to S34).
func TestPickDates(t *testing.T) {
	s := showForm(t, nil, nil)
	s.tap("23 Nov 2024")
	s.mustSee("Create backup from")
	s.tap("2025")
	s.tap("Cancel")
	s.mustSee("23 Nov 2024")
	s.tap("23 Nov 2024")
	s.tap("2025")
	s.tap("OK")
	s.mustSee("23 Nov 2025")
	if got := s.entry(0).Text; got != "Backup 23 Nov 2025 – 23 Nov 2026" {
		t.Errorf("the suggested title is still %q", got)
	}
	s.fill(0, "My own")
	s.tap("23 Nov 2026")
	s.tap("2025")
	s.tap("Previous month")
	s.tap("15")
	s.tap("OK")
	s.mustSee("15 Oct 2025", "The last day is before the first one.")
	if got := s.entry(0).Text; got != "My own" {
		t.Errorf("the person's title became %q", got)
	}
	s.tap("Last month")
	s.mustSee("1 Oct 2026", "31 Oct 2026")
	s.mustNotSee("The last day is before the first one.")
	s.tap("Create backup")
	s.Until("the list", func() bool { return s.nav.last() == "backups" })
	sent := s.world.created[0]
	if sent.Title != "My own" || sent.From != day("2026-10-01") || sent.Till != day("2026-10-31") {
		t.Errorf("sent %+v", sent)
	}
}

// A lost reply and a second press make one backup (B14).
func TestLostReplyKeepsTheKey(t *testing.T) {
	s := showForm(t, nil, func(s *stage) { s.world.makeErr = []error{errOffline, errOffline} })
	s.tap("Create backup")
	s.waitToSee("connect.example.com cannot be reached. Check your connection, then try again.")
	s.tap("Create backup")
	s.Settle()
	s.fill(0, "Another")
	s.tap("Create backup")
	s.Until("the list", func() bool { return s.nav.last() == "backups" })
	if !slices.Equal(s.world.creates, []string{"key-1", "key-1", "key-2"}) {
		t.Errorf("sent under %v", s.world.creates)
	}
}

// Pressing twice while the answer is awaited sends once.
func TestDoubleTapSendsOnce(t *testing.T) {
	s := showForm(t, nil, nil)
	button := s.control("Create backup").(fyne.Tappable)
	button.Tapped(nil)
	button.Tapped(nil)
	s.Settle()
	if len(s.world.creates) != 1 {
		t.Errorf("sent %d times", len(s.world.creates))
	}
}

func TestServerComplaintsStandBesideTheirFields(t *testing.T) {
	s := showForm(t, nil, func(s *stage) {
		p := problem(api.CodeValidation, 422)
		p.Errors = []api.FieldError{{Field: "till", Code: api.FieldInFuture}, {Field: "title", Code: api.FieldInvalid}}
		s.world.makeErr = []error{p}
	})
	s.tap("Create backup")
	s.waitToSee("This day is still to come: choose 23 Nov 2026 or earlier.")
	s.mustSee("The server did not accept this.")
	s.mustNotSee("Look at the marked fields.")
}

func TestTheSameBackupIsAlreadyRunning(t *testing.T) {
	s := showForm(t, nil, func(s *stage) {
		p := problem(api.CodeIdenticalInProgress, 409)
		p.BackupID = "running"
		s.world.makeErr = []error{p}
	})
	s.tap("Create backup")
	s.Until("the running one", func() bool { return s.nav.last() == "backup running" })
	if s.nav.toast().Text == "" {
		t.Error("nothing says why")
	}
}

func TestFormIsPrefilled(t *testing.T) {
	like := choicesOf(failedSample(), (&create{base: newBase(newStage(t).world.needs(), nil)}).window())
	s := showForm(t, &like, nil)
	s.mustSee("1 Jun 2026", "31 Aug 2026", "1 of 13")
	if got := s.entry(0).Text; got != "Messages of the summer" {
		t.Errorf("the title is %q", got)
	}
	s.tap("Create backup")
	s.Until("the list", func() bool { return s.nav.last() == "backups" })
	if got := s.world.created[0].Modules; !slices.Equal(got, []string{"messages"}) {
		t.Errorf("sent %v", got)
	}
}

func TestFormWithoutModules(t *testing.T) {
	s := showForm(t, nil, func(s *stage) { s.world.modErr = errOffline })
	s.mustSee("connect.example.com cannot be reached. Check your connection, then try again.")
	s.tap("Create backup")
	s.Settle()
	if len(s.world.created) != 0 {
		t.Fatal("it was sent without modules")
	}
	s.world.change(func() { s.world.modErr = nil })
	s.tap("Retry")
	s.waitToSee("13 of 13")
	s.mustNotSee("cannot be reached")
	if s.disabled("Create backup") {
		t.Error("the button stays off")
	}
}

func TestFormNeedsPermission(t *testing.T) {
	s := showForm(t, nil, func(s *stage) { s.world.account.User.Permissions = nil })
	s.mustSee("You are not allowed to create backups.")
	if !s.disabled("Create backup") {
		t.Error("it can be pressed")
	}
}

// A range since the last backup is offered only when a completed one of
// everything is known.
func TestSinceLastBackup(t *testing.T) {
	s := showForm(t, nil, nil)
	s.mustNotSee("Since last backup")
	older := with(func(b *api.Backup) { b.Till = day("2026-05-01") })
	s = showForm(t, nil, func(s *stage) {
		s.world.age = &api.Snapshot[api.BackupPage]{Value: api.BackupPage{Items: []api.Backup{older}}}
	})
	s.tap("Since last backup")
	s.mustSee("1 May 2026", "23 Nov 2026")
}

// What was chosen stays when the form is shown again.
func TestFormKeepsItsChoices(t *testing.T) {
	s := newStage(t)
	screen := NewCreate(s.world.needs(), s.nav, nil)
	s.show(screen)
	s.fill(0, "My own")
	s.tap("None")
	s.tap("Staff")
	screen.Hidden()
	screen.Shown()
	s.Settle()
	s.mustSee("1 of 13")
	if got := s.entry(0).Text; got != "My own" {
		t.Errorf("the title became %q", got)
	}
}
