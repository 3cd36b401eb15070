package screens

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/screens/widgets"
)

// choose opens the menu and taps a line of it.
func (s *stage) choose(label string) {
	s.t.Helper()
	s.tap("More")
	s.tap(label)
}

func mayDelete(s *stage) {
	s.world.account.User.Permissions = append(s.world.account.User.Permissions, api.PermissionDelete)
}

func both(all ...func(*stage)) func(*stage) {
	return func(s *stage) {
		for _, f := range all {
			f(s)
		}
	}
}

func held(records ...api.DownloadRecord) func(*stage) {
	return func(s *stage) {
		s.world.holders = map[string][]api.DownloadRecord{"year-end": records, "expired": records}
	}
}

// Which device holds the file is shown, this one marked, and follows what
// happens here (B10).
func TestDetailsSayWhoHoldsTheFile(t *testing.T) {
	s := showBackup(t, sample(), both(here(download.CopyPresent), held(onTwoDevices()...)))
	s.mustSee("Copies", "Office PC (this device)", "since 23 Nov 2026", "Pixel 8", "since 3 Nov 2026", "verified 12 Oct 2026")
	s.choose("Delete from this device")
	s.tap("Delete")
	s.waitToSee("not in Downloads yet")
	s.mustNotSee("(this device)")
	s.mustSee("Pixel 8")
	s = showBackup(t, sample(), func(s *stage) { s.world.holdErr = errOffline })
	s.mustNotSee("Copies", "No device is known")
	s = showBackup(t, pendingSample(), nil)
	s.mustNotSee("Copies")
}

func TestVerifyThisFile(t *testing.T) { // B3
	s := showBackup(t, sample(), both(here(download.CopyPresent), func(s *stage) {
		old := s.world.copies["year-end"]
		old.VerifiedAt = testNow.AddDate(0, -8, 0)
		s.world.copies["year-end"] = old
	}))
	s.mustSee("It is time to verify it again.")
	half := make(chan struct{})
	s.world.verify = func(_ context.Context, report func(done, total int64)) (download.Copy, error) {
		report(9_200_000, 18_400_000)
		<-half
		c := copyOf(sample(), download.CopyPresent)
		c.VerifiedAt = testNow
		s.world.change(func() { s.world.copies["year-end"] = c })
		return c, nil
	}
	s.tap("Verify this file")
	s.waitToSee("9.2 MB of 18.4 MB")
	close(half)
	s.waitToSee("Last verified today")
	s.mustNotSee("9.2 MB of 18.4 MB")
	if got := s.nav.toast(); !strings.HasSuffix(got.Text, "is verified: every byte is as the server made it.") || got.Tone != widgets.Good {
		t.Errorf("toast: %+v", got)
	}
}

func TestVerifyIsCancelled(t *testing.T) {
	s := showBackup(t, sample(), here(download.CopyPresent))
	s.world.verify = func(ctx context.Context, report func(done, total int64)) (download.Copy, error) {
		report(1, 2)
		<-ctx.Done()
		return download.Copy{}, ctx.Err()
	}
	s.tap("Verify this file")
	s.waitToSee("1 byte of 2 bytes")
	s.tap("Cancel")
	s.waitToSee("Year end 2026")
	s.Settle()
	if got := s.nav.toast().Text; got != "The check was stopped. The file is as it was." {
		t.Errorf("toast: %q", got)
	}
}

// A damaged file is named, and a whole one is a tap away.
func TestVerifyFindsDamage(t *testing.T) {
	s := showBackup(t, sample(), here(download.CopyPresent))
	s.world.verify = func(context.Context, func(done, total int64)) (download.Copy, error) {
		s.world.change(func() { s.world.copies["year-end"] = copyOf(sample(), download.CopyChanged) })
		return copyOf(sample(), download.CopyChanged), &extract.Error{Kind: extract.Damaged, Entry: "invoices.csv"}
	}
	s.tap("Verify this file")
	s.waitToSee("invoices.csv cannot be read.")
	s.Settle()
	s.tap("Download again")
	s.waitToSee("Downloading")
	s.mustNotSee("Verified", "cannot be read")
}

// A file that was moved is found by what is in it, or shown by the person (B13).
func TestFindTheFile(t *testing.T) {
	s := showBackup(t, sample(), here(download.CopyGone))
	s.tap("Look for it")
	s.waitToSee("No file in Downloads is this backup.")
	s.tap("Close")
	moved := copyOf(sample(), download.CopyPresent)
	moved.Name = "renamed by me.zip"
	s.world.find = func(context.Context) (download.Copy, error) { return moved, nil }
	s.tap("Look for it")
	s.waitToSee("renamed by me.zip")
	s.Settle()
	s.mustSee("Verified", "Open with the default app")
	if got := s.nav.toast().Text; got != "Found and verified: renamed by me.zip." {
		t.Errorf("toast: %q", got)
	}
	s = showBackup(t, sample(), here(download.CopyGone))
	s.world.find = func(ctx context.Context) (download.Copy, error) {
		<-ctx.Done()
		return download.Copy{}, ctx.Err()
	}
	s.tap("Look for it")
	s.mustSee("Looking for the file")
	s.tap("Cancel")
	s.waitToSee("Deleted from this device, or moved.")
	if len(s.nav.toasts) != 0 {
		t.Errorf("told %+v", s.nav.toasts)
	}
}

// pick chooses a file in Fyne's dialog, as a person does.
func (s *stage) pick(name string) {
	s.t.Helper()
	s.tapWords(name)
	s.tap("Choose")
}

// tapWords taps whatever in front shows a file of that name.
func (s *stage) tapWords(name string) {
	s.t.Helper()
	var found fyne.Tappable
	walk(s.front(), nil, func(o fyne.CanvasObject, path []fyne.CanvasObject) {
		label, ok := o.(*widget.Label)
		if !ok || label.Text != name {
			return
		}
		for i := len(path) - 1; i >= 0 && found == nil; i-- {
			found, _ = path[i].(fyne.Tappable)
		}
	})
	if found == nil {
		s.t.Fatalf("no file %q in:\n%s", name, s.sees())
	}
	found.Tapped(&fyne.PointEvent{})
	s.drain()
}

// elsewhere keeps Downloads in a folder of the test.
type elsewhere struct {
	fakeSettings
	folder string
}

func (e elsewhere) Downloads() string { return e.folder }

func TestLocateTheFile(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "old name.zip")
	if err := os.WriteFile(file, []byte("zip"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newStage(t)
	s.world.items = []api.Backup{sample()}
	s.world.copies["year-end"] = copyOf(sample(), download.CopyGone)
	n := s.world.needs()
	n.Settings = elsewhere{fakeSettings{s.world}, folder}
	s.show(NewDetails(n, s.nav, "year-end"))
	s.world.adoptErr = fmt.Errorf("adopt: %w", download.ErrNotTheFile)
	s.tap("Locate file…")
	s.pick("old name")
	s.waitToSee("What it holds is not what the server made for this backup.")
	s.world.change(func() { s.world.adoptErr = nil })
	s.tap("Locate file…")
	s.pick("old name")
	s.waitToSee("Open with the default app")
	s.Settle()
	if want := download.Location(filepath.ToSlash(file)); !slices.Equal(s.world.adopts, []download.Location{want, want}) {
		t.Errorf("adopted %v, want %s twice", s.world.adopts, want)
	}
}

// The dialog to pick a file goes with its screen.
func TestHiddenDetailsCloseTheFilePicker(t *testing.T) {
	s := showBackup(t, expiredSample(), nil)
	screen := NewDetails(s.world.needs(), s.nav, "expired")
	s.show(screen)
	s.choose("Locate file…")
	if s.window.Canvas().Overlays().Top() == nil {
		t.Fatal("nothing opened")
	}
	screen.Hidden()
	if s.window.Canvas().Overlays().Top() != nil {
		t.Error("the dialog stays")
	}
}

func TestDeleteTheLastCopyHere(t *testing.T) {
	s := showBackup(t, expiredSample(), both(held(), func(s *stage) {
		s.world.copies["expired"] = copyOf(expiredSample(), download.CopyPresent)
	}))
	s.choose("Delete from this device")
	s.mustSee("Delete the last copy?", "This is the last copy:")
	s.press(fyne.KeyReturn) // Cancel has the focus
	s.Settle()
	if len(s.world.removes) != 0 {
		t.Fatal("deleted without an answer")
	}
	s.world.removeErr = errDisk
	s.choose("Delete from this device")
	s.tap("Delete")
	s.Until("the reason", func() bool { return s.nav.toast().Tone == widgets.Bad })
	s.Settle()
	s.mustSee("Open with the default app")
	s.world.change(func() { s.world.removeErr = nil })
	s.choose("Delete from this device")
	s.tap("Delete")
	s.waitToSee("No device is known to hold a copy.")
	s.mustNotSee("Open with the default app")
}

func TestDeleteFromServer(t *testing.T) {
	s := showBackup(t, sample(), nil)
	s.tap("More")
	s.mustSee("You are not allowed to delete files on the server.")
	if !s.disabled("Delete from server. You are not allowed to delete files on the server. Ask the person who manages your organisation.") {
		t.Error("it can be tapped")
	}
	s = showBackup(t, sample(), both(mayDelete, here(download.CopyPresent), held(onTwoDevices()[0])))
	s.choose("Delete from server")
	s.mustSee("Nobody can download it any more. Copies stay on this device and on: Pixel 8.")
	s.tap("Cancel")
	s.Settle()
	if len(s.world.deletes) != 0 {
		t.Fatal("deleted without an answer")
	}
	s.world.deleteErr = errOffline
	s.choose("Delete from server")
	s.tap("Delete")
	s.Until("the reason", func() bool { return s.nav.toast().Tone == widgets.Bad })
	s.Settle()
	s.mustSee("Completed")
	s.world.change(func() { s.world.deleteErr = nil })
	s.choose("Delete from server")
	s.tap("Delete")
	s.waitToSee("The file was deleted on the server on 23 Nov 2026.")
	s.mustSee("Deleted", "Your copy on this device stays, and can be opened.", "Open with the default app")
	s.mustNotSee("Download again")
}

func TestRename(t *testing.T) {
	s := showBackup(t, sample(), nil)
	s.choose("Rename")
	if got := s.entry(0); got.Text != "Year end 2026" || got.SelectedText() != got.Text || s.window.Canvas().Focused() != fyne.Focusable(got) {
		t.Errorf("the box holds %q, of it %q is selected", got.Text, got.SelectedText())
	}
	s.fill(0, " ")
	s.tap("Save")
	s.mustSee("Give the backup a title.")
	s.fill(0, strings.Repeat("x", 81))
	s.press(fyne.KeyReturn)
	s.mustSee("Use at most 80 characters.")
	s.fill(0, "For the auditor")
	s.press(fyne.KeyReturn)
	s.waitToSee("For the auditor")
	s.Settle()
	s.mustNotSee("Save")
	s.choose("Rename")
	s.tap("Save") // nothing was changed
	s.mustNotSee("Save")
	if want := []string{"Year end 2026 -> For the auditor"}; !slices.Equal(s.world.renames, want) {
		t.Errorf("renamed %q", s.world.renames)
	}
}

// Who is slower than a colleague sees the title of theirs before replacing it.
func TestRenameConflict(t *testing.T) {
	s := showBackup(t, sample(), nil)
	s.world.change(func() { s.world.items[0].Title = "Theirs" })
	s.choose("Rename")
	s.fill(0, "Mine")
	s.tap("Save")
	s.waitToSee("It is called “Theirs” by now. Save again to replace that title.")
	s.tap("Save")
	s.Settle()
	s.mustSee("Mine")
	s.mustNotSee("Save")
	s.choose("Rename")
	s.world.change(func() { s.world.renameErr = errOffline })
	s.fill(0, "Again")
	s.tap("Save")
	s.waitToSee("connect.example.com cannot be reached.")
	s.press(fyne.KeyEscape) // leaves the box
	s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.mustNotSee("Save")
	if n := len(s.world.renames); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

// Arrows and Enter choose in the menu, Esc and a tap beside it leave it.
func TestMenuByKeyboard(t *testing.T) {
	s := showBackup(t, sample(), both(here(download.CopyPresent), func(s *stage) { s.world.can[CanShare] = true }))
	s.tap("More")
	s.press(fyne.KeyDown)
	s.press(fyne.KeyReturn)
	s.Settle()
	if want := "share /home/ada/Downloads/" + sample().Archive.FileName; !slices.Equal(s.world.did, []string{want}) {
		t.Errorf("did %v", s.world.did)
	}
	for name, leave := range map[string]func(){
		"Esc":              func() { s.press(fyne.KeyEscape) },
		"a tap beside it":  func() { s.window.Canvas().Overlays().Top().(*widgets.Modal).Tapped(nil) },
		"leaving the page": func() { s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape}) },
	} {
		s.tap("More")
		s.mustSee("Delete from this device")
		leave()
		if s.window.Canvas().Overlays().Top() != nil {
			t.Errorf("%s leaves the menu open", name)
		}
	}
	s = showBackup(t, pendingSample(), nil)
	if s.control("More") != nil {
		t.Error("an empty menu is offered")
	}
}

// A file of that name that the app knows nothing of is not called this backup.
func TestUnknownFileInTheWay(t *testing.T) {
	s := showBackup(t, sample(), func(s *stage) { s.world.startErr = &download.ExistsError{Name: "acme.zip"} })
	s.tap("Download Backup")
	s.waitToSee("acme.zip is already in Downloads, but it is not what the server made.")
	s.tap("No")
	s.Settle()
	s.mustSee("Download Backup")
}

func TestRenameReasons(t *testing.T) {
	refused := problem(api.CodeValidation, 422)
	refused.Errors = []api.FieldError{{Field: "title", Code: api.FieldTooLong}}
	conflict := problem(api.CodePreconditionFailed, 412)
	words := func(err error) string { return "In words: " + err.Error() }
	window := (&create{base: base{n: Needs{Today: newStage(t).world.needs().Today}}}).window()
	for name, c := range map[string]struct {
		err  error
		b    renamed
		want string
	}{
		"refused":            {refused, renamed{}, "Use at most 80 characters."},
		"conflict":           {conflict, renamed{api.Backup{Title: "Theirs"}, true}, "It is called “Theirs” by now. Save again to replace that title."},
		"conflict, then off": {conflict, renamed{}, words(conflict)},
		"off":                {errors.New("off"), renamed{}, "In words: off"},
	} {
		if got := renameReason(c.err, c.b, window, words); got != c.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
