package screens

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/device/download"
)

func showList(t *testing.T, prepare func(*stage)) (*stage, *backups) {
	t.Helper()
	s := newStage(t)
	s.world.items = sampleList()
	if prepare != nil {
		prepare(s)
	}
	screen := NewBackups(s.world.needs(), s.nav).(*backups)
	s.show(screen)
	return s, screen
}

// order is the titles of the list from the top, as drawn.
func (s *stage) order() []string {
	var titles []string
	walk(s.front(), nil, func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if row, ok := o.(*rowView); ok && !row.isFoot {
			titles = append(titles, row.row.Title)
		}
	})
	return titles
}

func TestList(t *testing.T) {
	s, _ := showList(t, func(s *stage) {
		s.world.copies["year-end"] = copyOf(sample(), download.CopyPresent)
	})
	s.mustSee("Invoices only", "42%", "Collecting Invoices", "Waiting for its turn",
		"Year end 2026", "23 Nov 2024 – 23 Nov 2026 · 13 modules", "Performed 2 hours ago · 18.4 MB", "Failed")
	if got := s.order(); got[0] != "Staff and leave, for the auditor" || got[1] != "Invoices only" || got[2] != "Year end 2026" {
		t.Errorf("the order is %q", got)
	}
	if n := strings.Count(s.sees(), "On this device"); n != 2 { // the filter and one row
		t.Errorf("%d marks of this device", n)
	}
	s.tap("Year end 2026")
	if s.nav.last() != "backup year-end" {
		t.Errorf("went %v", s.nav.went)
	}
	s.tap("Year end 2026")
	if len(s.nav.went) != 2 {
		t.Error("the same row cannot be selected again after Back")
	}
	s.tap("New backup")
	if s.nav.last() != "create" || s.nav.like != nil {
		t.Errorf("went %v", s.nav.went)
	}
	s.tap("Back")
	if s.nav.last() != "back" {
		t.Errorf("went %v", s.nav.went)
	}
}

// The list turns from yellow to green by itself (S41).
func TestListTurnsGreenByItself(t *testing.T) {
	s, _ := showList(t, func(s *stage) { s.world.items = []api.Backup{pendingSample()} })
	s.mustSee("42%")
	further := pendingSample()
	further.Progress = &api.Progress{Percent: 77}
	further.Stage = api.StagePacking
	s.world.serverChanges(further)
	s.waitToSee("77%")
	s.mustSee("Packing the file")
	done := sample()
	done.ID, done.Title = further.ID, further.Title
	s.world.serverChanges(done)
	s.waitToSee("Performed 2 hours ago · 18.4 MB")
	s.mustNotSee("77%")
	s.world.serverChanges(queuedSample()) // one that the list does not know yet
	s.waitToSee("Staff and leave, for the auditor")
}

// The search runs when the button is pressed, or on Enter; clearing gives the
// list back (S7).
func TestSearch(t *testing.T) {
	s, _ := showList(t, nil)
	s.fill(0, "october")
	s.Settle()
	s.mustSee("Year end 2026") // not yet
	s.tap("Search")
	s.Settle()
	if got := s.order(); !slices.Equal(got, []string{"October 2026"}) {
		t.Errorf("found %q", got)
	}
	s.fill(0, "zebra {{.Words}}")
	s.press(fyne.KeyReturn)
	s.waitToSee("No backup matches “zebra {{.Words}}”")
	s.tap("Clear search")
	s.Settle()
	s.mustSee("Year end 2026", "October 2026")
	if s.entry(0).Text != "" {
		t.Error("the words stay in the box")
	}
	s.fill(0, "october")
	s.press(fyne.KeyReturn)
	s.Settle()
	walk(s.front(), nil, func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if labelOf(o) == "Clear search" { // the cross in the box
			o.(fyne.Tappable).Tapped(nil)
		}
	})
	s.Settle()
	s.mustSee("Year end 2026")
}

func TestFilters(t *testing.T) {
	s, _ := showList(t, func(s *stage) {
		s.world.copies["expired"] = copyOf(expiredSample(), download.CopyPresent)
		s.world.copies["partial"] = copyOf(partialSample(), download.CopyGone)
	})
	s.tap("Pending")
	s.Settle()
	if got := s.order(); len(got) != 2 {
		t.Errorf("pending are %q", got)
	}
	s.tap("Completed")
	s.Settle()
	s.mustSee("Year end 2026", "October 2026")
	s.mustNotSee("Invoices only")
	s.tap("On this device")
	s.Settle()
	if got := s.order(); !slices.Equal(got, []string{"Year end 2023"}) {
		t.Errorf("on this device are %q: a file stays usable after the server deleted its own", got)
	}
	s.fill(0, "nothing")
	s.tap("Search")
	s.waitToSee("No backup matches “nothing”")
	s.tap("Clear search")
	s.Settle()
	s.tap("All")
	s.Settle()
	s.mustSee("Invoices only", "Year end 2026")
}

// A finished one leaves the list of pending ones.
func TestFilteredListFollowsTheServer(t *testing.T) {
	s, _ := showList(t, func(s *stage) { s.world.items = []api.Backup{pendingSample()} })
	s.tap("Pending")
	s.Settle()
	done := pendingSample()
	done.Status = api.StatusCompleted
	s.world.serverChanges(done)
	s.waitToSee("Nothing is being prepared")
}

func TestPaging(t *testing.T) {
	s, screen := showList(t, func(s *stage) {
		s.world.items = nil
		for i := range 230 {
			s.world.items = append(s.world.items, withStatus(fmt.Sprint("b", i), fmt.Sprintf("Number %03d", i),
				api.StatusCompleted, time.Duration(i+1)*time.Hour))
		}
	})
	if n := len(screen.data.items); n != 50 {
		t.Fatalf("%d are loaded before anybody scrolls", n)
	}
	for range 30 {
		screen.list.ScrollToBottom()
		s.Settle()
		if len(screen.data.items) == 230 {
			break
		}
	}
	screen.list.ScrollToBottom()
	s.mustSee("Number 229")
	if asked := len(s.world.asked); asked != 5 {
		t.Errorf("%d pages were asked for", asked)
	}
	screen.Refresh()
	s.Settle()
	s.mustSee("Number 229") // not thrown back to the beginning
}

func TestPagingFails(t *testing.T) {
	s, screen := showList(t, func(s *stage) {
		s.world.page = 20
		for i := range 30 {
			s.world.items = append(s.world.items, withStatus(fmt.Sprint("b", i), fmt.Sprint("Number ", i), api.StatusCompleted, time.Duration(i)*time.Hour))
		}
		s.world.hold = nil
	})
	s.world.change(func() { s.world.listErr = errOffline })
	screen.list.ScrollToBottom()
	s.Settle()
	screen.list.ScrollToBottom()
	s.Settle()
	s.mustSee("More could not be loaded. Tap to try again.")
	s.window.Canvas().Focus(screen.list)
	s.press(fyne.KeyEnd)
	s.press(fyne.KeyReturn) // on that line
	s.Settle()
	s.mustSee("More could not be loaded. Tap to try again.")
	if s.nav.last() != "" {
		t.Errorf("went %v", s.nav.went)
	}
	s.world.change(func() { s.world.listErr = nil })
	s.tap("More could not be loaded. Tap to try again.")
	s.Settle()
	screen.list.ScrollToBottom()
	s.Settle()
	s.mustNotSee("More could not be loaded")
	if len(screen.data.items) <= 20 {
		t.Error("the next page did not come")
	}
}

func TestListOffline(t *testing.T) {
	s, _ := showList(t, func(s *stage) {
		s.world.listErr = errOffline
		s.world.age = &api.Snapshot[api.BackupPage]{Value: api.BackupPage{Items: sampleList()[2:3]}, At: testNow.Add(-2 * time.Hour)}
	})
	s.mustSee("Offline – list from 10:42. connect.example.com cannot be reached.", "Year end 2026")
	s.world.change(func() { s.world.listErr = nil })
	s.tap("Retry")
	s.Settle()
	s.mustNotSee("Offline")
	s.mustSee("Invoices only")
}

func TestListError(t *testing.T) {
	s, _ := showList(t, func(s *stage) { s.world.listErr = errOffline })
	s.mustSee("connect.example.com cannot be reached.", "Check your connection, then try again.")
	s.world.change(func() { s.world.listErr = nil })
	s.tap("Retry")
	s.waitToSee("Year end 2026")
}

func TestListSignedOut(t *testing.T) {
	s, _ := showList(t, func(s *stage) { s.world.listErr = api.ErrSignedOut })
	s.mustSee("Your session has ended.")
	s.tap("Sign in")
	if s.nav.last() != "sign in" {
		t.Errorf("went %v", s.nav.went)
	}
}

func TestListLoadingAndEmpty(t *testing.T) {
	s := newStage(t)
	s.world.hold = make(chan struct{})
	screen := NewBackups(s.world.needs(), s.nav)
	s.put(screen, phoneWidth, phoneHeight)
	s.mustSee("Loading backups")
	close(s.world.hold)
	s.waitToSee("No backups yet")
}

// What is cached is seen before the server answers.
func TestListShowsTheCopyFirst(t *testing.T) {
	s := newStage(t)
	s.world.hold = make(chan struct{})
	s.world.age = &api.Snapshot[api.BackupPage]{Value: api.BackupPage{Items: []api.Backup{sample()}}, At: testNow.Add(-time.Hour)}
	s.world.items = []api.Backup{partialSample()}
	s.put(NewBackups(s.world.needs(), s.nav), phoneWidth, phoneHeight)
	s.waitToSee("Year end 2026")
	close(s.world.hold)
	s.waitToSee("October 2026")
	s.mustNotSee("Year end 2026")
}

func TestAddNeedsPermission(t *testing.T) {
	s, _ := showList(t, func(s *stage) { s.world.account.User.Permissions = []string{api.PermissionDownload} })
	s.mustSee("You are not allowed to create backups.")
	s.tap("New backup")
	if s.nav.last() != "" || !s.disabled("New backup") {
		t.Error("it can be tapped")
	}
}

func TestListShowsDownloads(t *testing.T) {
	s, _ := showList(t, nil)
	s.world.transferChanges(download.State{ID: "year-end", Phase: download.Running, Done: 46, Total: 100})
	s.waitToSee("46%")
	s.mustSee("Downloading")
	s.world.change(func() { s.world.copies["year-end"] = copyOf(sample(), download.CopyPresent) })
	s.world.transferChanges(download.State{ID: "year-end", Phase: download.Done, Done: 100, Total: 100})
	s.Until("the mark", func() bool { return strings.Count(s.sees(), "On this device") == 2 })
	s.mustNotSee("Downloading")
}

// A change that is told while an older page is on its way is not lost.
func TestChangeOvertakesThePage(t *testing.T) {
	s := newStage(t)
	s.world.items = []api.Backup{pendingSample()}
	screen := NewBackups(s.world.needs(), s.nav)
	s.show(screen)
	old := api.Snapshot[api.BackupPage]{Value: api.BackupPage{Items: []api.Backup{pendingSample()}}, At: testNow}
	hold := make(chan struct{})
	s.world.change(func() { s.world.hold, s.world.reply = hold, &old })
	screen.(Refresher).Refresh()
	done := pendingSample()
	done.Status = api.StatusCompleted
	s.world.serverChanges(done)
	s.world.serverChanges(failedSample()) // one that neither knows
	s.Until("the change", func() bool { return len(screen.(*backups).news) == 2 })
	s.world.change(func() { s.world.hold, s.world.reply = nil, nil })
	close(hold)
	s.waitToSee("Messages of the summer")
	s.mustNotSee("Collecting Invoices")
}

// A pending one that the search does not find is none of the list's business.
func TestListIgnoresWhatItDoesNotShow(t *testing.T) {
	s, _ := showList(t, nil)
	s.fill(0, "october")
	s.tap("Search")
	s.Settle()
	asked := len(s.world.asked)
	s.world.serverChanges(queuedSample())
	s.Settle()
	if len(s.world.asked) != asked {
		t.Error("the list was asked for again")
	}
}

func TestHiddenListHearsNothing(t *testing.T) {
	s, screen := showList(t, nil)
	screen.Hidden()
	if n := s.world.subscribers(); n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
	s.world.serverChanges(queuedSample())
	s.Settle()
	screen.Shown()
	s.Settle()
	if n := s.world.subscribers(); n != 2 {
		t.Errorf("%d subscriptions after it was shown again", n)
	}
	s.mustSee("Year end 2026")
}

// Beside its details the chosen row is marked, until something else stands
// there.
func TestChosenRow(t *testing.T) {
	s := newStage(t)
	s.nav.wide = true
	s.world.items = sampleList()
	screen := NewBackups(s.world.needs(), s.nav)
	s.show(screen)
	marked := func() string {
		var all []string
		walk(s.front(), nil, func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
			if row, ok := o.(*rowView); ok && row.chosen {
				all = append(all, row.row.ID)
			}
		})
		return strings.Join(all, " ")
	}
	s.nav.onGo = screen.Shown // the navigator says so to every screen in front
	s.tap("Year end 2026")
	if got := marked(); got != "year-end" {
		t.Errorf("marked %q", got)
	}
	s.tap("New backup")
	if got := marked(); got != "" {
		t.Errorf("beside the form %q is marked", got)
	}
	s.tap("Year end 2026")
	if s.nav.last() != "backup year-end" {
		t.Error("it cannot be chosen again")
	}
}

func TestListKeys(t *testing.T) {
	s, screen := showList(t, nil)
	screen.FocusSearch()
	if s.window.Canvas().Focused() != s.entry(0) {
		t.Error("Ctrl+F does not reach the box")
	}
	s.window.Canvas().Focus(screen.list)
	s.press(fyne.KeyDown)
	s.press(fyne.KeyReturn)
	if !strings.HasPrefix(s.nav.last(), "backup ") {
		t.Errorf("Enter on a row went %v", s.nav.went)
	}
	s.press(fyne.KeyEnd) // the last backup, not the empty line below it
	s.press(fyne.KeyReturn)
	rows := screen.data.items
	if want := "backup " + rows[len(rows)-1].ID; s.nav.last() != want {
		t.Errorf("Enter on the last row went to %s, want %s", s.nav.last(), want)
	}
}
