package screens

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/app/core"
	"connectbackup/device/download"
	"connectbackup/screens/widgets"
)

func showBackup(t *testing.T, b api.Backup, prepare func(*stage)) *stage {
	t.Helper()
	s := newStage(t)
	s.world.items = []api.Backup{b}
	if prepare != nil {
		prepare(s)
	}
	s.show(NewDetails(s.world.needs(), s.nav, b.ID))
	return s
}

func TestDetails(t *testing.T) {
	s := showBackup(t, sample(), nil)
	s.mustSee("Year end 2026", "Completed", "23 Nov 2026 10:42", "This device", "Ada Example",
		"23 Nov 2024", "23 Nov 2026 (inclusive)", "until 23 Nov 2028", "Invoices", "18,233 rows", "not subscribed",
		sample().Archive.FileName, "18.4 MB, not in Downloads yet", "Download Backup")
	s.mustNotSee("Open with the default app", "Extract", "Download again", "Show in folder", "Verified")
	s.tap("Back")
	if s.nav.last() != "back" {
		t.Errorf("went %v", s.nav.went)
	}
}

func TestDownload(t *testing.T) {
	s := showBackup(t, sample(), nil)
	s.tap("Download Backup")
	s.waitToSee("Downloading")
	s.mustNotSee("Download Backup")
	state := s.world.states["year-end"]
	state.Done, state.Rate, state.Left = 7_100_000, 6_200_000, 2_000_000_000
	s.world.transferChanges(state)
	s.waitToSee("7.1 MB of 18.4 MB · 6.2 MB/s · 2 s left")
	s.tap("Pause")
	s.waitToSee("Paused")
	s.tap("Resume")
	s.waitToSee("Downloading")
	state.Phase = download.Verifying
	s.world.transferChanges(state)
	s.waitToSee("Checking the file")
	s.world.change(func() { s.world.copies["year-end"] = copyOf(sample(), download.CopyPresent) })
	state.Phase, state.Name = download.Done, sample().Archive.FileName
	s.world.transferChanges(state)
	s.waitToSee("Open with the default app")
	s.mustSee("Verified", "Downloads · 18.4 MB", "Extract", "Download again", "Show in folder", "On this device")
	for _, label := range []string{"Download again", "Extract", "Open with the default app"} {
		if !s.hasIcon(label) {
			t.Errorf("%s has lost its icon", label)
		}
	}
	if got := s.nav.toast(); got.Text != sample().Archive.FileName+" is in Downloads." || got.Tone != widgets.Good || len(s.nav.toasts) != 1 {
		t.Errorf("toasts: %+v", s.nav.toasts)
	}
	if !slices.Equal(s.world.steered, []string{"pause", "resume"}) {
		t.Errorf("steered %v", s.world.steered)
	}
}

func TestCancelDownload(t *testing.T) {
	s := showBackup(t, sample(), transferring(download.Running))
	s.tap("Cancel")
	s.waitToSee("Download Backup")
	s.mustNotSee("Downloading")
}

func TestFailedDownloadGoesOn(t *testing.T) {
	s := showBackup(t, sample(), transferring(download.Failed))
	s.mustSee("There is not enough space: 11.3 MB are needed, 4.7 MB are free.", "What has already come is kept.")
	s.tap("Resume")
	s.waitToSee("Downloading")
}

// What is already here is asked about, and No changes nothing (S18, S19).
func TestDownloadAgainAsks(t *testing.T) {
	s := showBackup(t, sample(), here(download.CopyPresent))
	s.tap("Download again")
	s.waitToSee("is already in Downloads.")
	s.press(fyne.KeyReturn) // No has the focus
	s.Settle()
	s.mustNotSee("is already in Downloads.")
	for answer, clash := range map[string]download.Clash{"Keep both": download.KeepBoth, "Yes": download.Replace} {
		s.world.change(func() { s.world.starts, s.world.states = nil, map[string]download.State{} })
		s.show(NewDetails(s.world.needs(), s.nav, "year-end"))
		s.tap("Download again")
		s.waitToSee("is already in Downloads.")
		s.tap(answer)
		s.waitToSee("Downloading")
		if !slices.Equal(s.world.starts, []download.Clash{download.Ask, clash}) {
			t.Errorf("%s started %v", answer, s.world.starts)
		}
	}
}

// A file that was deleted here is downloaded again without a question (S15).
func TestDownloadAgainWhenGone(t *testing.T) {
	s := showBackup(t, sample(), here(download.CopyGone))
	s.mustSee("Deleted from this device, or moved.")
	s.mustNotSee("Open with the default app", "Extract")
	s.tap("Download again")
	s.waitToSee("Downloading")
}

// The first download ever says what lies in the file, once (I18).
func TestFirstDownloadTellsOfPersonalData(t *testing.T) {
	s := showBackup(t, sample(), func(s *stage) { s.world.told = map[string]bool{} })
	s.tap("Download Backup")
	s.mustSee("This file holds personal data", "/home/ada/Downloads")
	s.tap("Cancel")
	s.Settle()
	if len(s.world.starts) != 0 || s.world.told[toldPersonalData] {
		t.Fatal("it began without an answer")
	}
	s.tap("Download Backup")
	s.tap("Download")
	s.waitToSee("Downloading")
	if !s.world.told[toldPersonalData] {
		t.Error("it will be told again")
	}
}

// large is a backup whose file is larger than what comes over any network
// without a question.
func large() api.Backup {
	b := sample()
	archive := *b.Archive
	archive.Size = meteredMost + 1
	b.Archive = &archive
	return b
}

// A large file over a network that costs is asked about first; a small one, or
// any over another network, is not.
func TestAMeteredNetworkIsAskedAbout(t *testing.T) {
	for _, c := range []struct {
		size    int64
		metered bool
		asked   bool
	}{{50_000_001, true, true}, {50_000_000, true, false}, {50_000_001, false, false}} {
		b := sample()
		archive := *b.Archive
		archive.Size = c.size
		b.Archive = &archive
		s := showBackup(t, b, func(s *stage) { s.world.metered = c.metered })
		s.tap("Download Backup")
		if c.asked {
			s.waitToSee("Download over this network?")
			s.mustSee("50.0 MB")
			if s.tap("Cancel"); len(s.world.starts) != 0 {
				t.Fatal("it began without an answer")
			}
			s.Settle()
			s.tap("Download Backup")
			s.waitToSee("Download over this network?")
			s.tap("Download")
		}
		s.waitToSee("Downloading")
	}
}

func TestDownloadIsRefused(t *testing.T) {
	s := showBackup(t, sample(), func(s *stage) { s.world.startErr = &download.SpaceError{Need: 18_400_000, Free: 3_100_000} })
	s.tap("Download Backup")
	s.Until("a toast", func() bool {
		return strings.HasPrefix(s.nav.toast().Text, "There is not enough space: 18.4 MB are needed, 3.1 MB are free.")
	})
	s.Settle()
	s.mustSee("Download Backup")
	if s.disabled("Download Backup") {
		t.Error("it cannot be tried again")
	}
}

func TestDetailsWithoutPermission(t *testing.T) {
	s := showBackup(t, sample(), func(s *stage) { s.world.account.User.Permissions = nil })
	s.mustSee("You are not allowed to download backups.")
	if !s.disabled("Download Backup") {
		t.Error("it can be tapped")
	}
}

func TestFileButtons(t *testing.T) {
	s := showBackup(t, sample(), here(download.CopyPresent))
	s.tap("Open with the default app")
	s.Settle()
	s.tap("Show in folder")
	s.Settle()
	want := "/home/ada/Downloads/" + sample().Archive.FileName
	if !slices.Equal(s.world.did, []string{"open " + want, "reveal " + want}) {
		t.Errorf("did %v", s.world.did)
	}
	// Deleted behind the app's back: it says so and looks again.
	s.world.change(func() {
		s.world.openErr = core.ErrFileGone
		s.world.copies["year-end"] = copyOf(sample(), download.CopyGone)
	})
	s.tap("Open with the default app")
	s.waitToSee("Deleted from this device, or moved.")
	if s.nav.toast().Tone != widgets.Bad {
		t.Errorf("toast: %+v", s.nav.toast())
	}
}

func TestPendingDetails(t *testing.T) {
	s := showBackup(t, pendingSample(), nil)
	s.mustSee("Pending", "Collecting Invoices", "42% done. It can be downloaded when it is ready.", "not yet collected")
	s.mustNotSee("Download Backup", "File kept")
	done := sample()
	done.ID = "invoices"
	s.world.serverChanges(done)
	s.waitToSee("Download Backup")
	s.mustSee("Completed")
}

func TestCancelJob(t *testing.T) {
	s := showBackup(t, pendingSample(), nil)
	s.tap("Cancel this backup")
	s.press(fyne.KeyReturn) // Go on
	s.Settle()
	if len(s.world.cancels) != 0 {
		t.Fatal("cancelled without being asked")
	}
	s.tap("Cancel this backup")
	s.mustSee("The server stops preparing it.")
	s.tap("Cancel this backup")
	s.waitToSee("This backup was cancelled.")
	if !slices.Equal(s.world.cancels, []string{"invoices"}) {
		t.Errorf("cancelled %v", s.world.cancels)
	}
}

// A failed one is tried again with the same choices.
func TestTryAgain(t *testing.T) {
	s := showBackup(t, failedSample(), nil)
	s.mustSee("The server could not make this backup. The server has no room for another backup. Tell whoever runs the server.")
	s.tap("Try again")
	like := s.nav.like
	if s.nav.last() != "create" || like == nil || like.Title != "Messages of the summer" || !slices.Equal(like.Modules, []string{"messages"}) {
		t.Errorf("went %v with %+v", s.nav.went, like)
	}
}

func TestPartialNamesWhatIsMissing(t *testing.T) {
	s := showBackup(t, partialSample(), nil)
	s.mustSee("Partial", "Missing: Events, Invoices.", "missing", "Pixel 8", "18.4 MB, not on this device", "Download Backup")
	s.mustNotSee(partialSample().Archive.FileName)
}

// What is here stays usable after the server deleted its file (S17).
func TestExpiredDetails(t *testing.T) {
	s := showBackup(t, expiredSample(), func(s *stage) {
		s.world.copies["expired"] = copyOf(expiredSample(), download.CopyPresent)
	})
	s.mustSee("Expired", "The server deleted the file on 30 Dec 2025", "Your copy on this device stays", "Open with the default app", "Extract")
	s.mustNotSee("Download again", "Download Backup")
	if alone, whole := s.control("Extract").Size().Width, s.control("Open with the default app").Size().Width; alone != whole {
		t.Errorf("nothing stands beside Extract, and it is %v of %v wide", alone, whole)
	}
}

func TestDetailsOffline(t *testing.T) {
	s := showBackup(t, sample(), func(s *stage) { s.world.getErr = errOffline })
	s.mustSee("connect.example.com cannot be reached.", "Check your connection, then try again.")
	s.world.change(func() { s.world.getErr = nil })
	s.tap("Retry")
	s.waitToSee("Year end 2026")
	// Once seen, a failed refresh leaves it on the screen.
	s.world.change(func() { s.world.getErr = errOffline })
	s.tap("Refresh")
	s.waitToSee("connect.example.com cannot be reached. Check your connection, then try again.")
	s.mustSee("Year end 2026", "Download Backup")
}

// What is cached is seen, and can be used, before the server answers.
func TestDetailsShowTheCopyFirst(t *testing.T) { // I6
	s := newStage(t)
	s.world.items = []api.Backup{sample()}
	s.world.copies["year-end"] = copyOf(sample(), download.CopyPresent)
	s.world.kept = &api.Snapshot[api.Backup]{Value: sample(), At: testNow.Add(-time.Hour)}
	s.world.holdGet = make(chan struct{})
	s.put(NewDetails(s.world.needs(), s.nav, "year-end"), phoneWidth, phoneHeight)
	s.waitToSee("Year end 2026")
	s.mustSee("Completed", "23 Nov 2026 (inclusive)", "Invoices", sample().Archive.FileName, "Extract", "Download again")
	s.mustNotSee("Loading this backup")
	s.tap("Open with the default app")
	s.Until("the file to open", func() bool {
		s.world.mu.Lock()
		defer s.world.mu.Unlock()
		return len(s.world.did) == 1
	})
	s.world.change(func() {
		s.world.kept = nil
		s.world.items[0].Title = "Renamed meanwhile"
	})
	close(s.world.holdGet)
	s.waitToSee("Renamed meanwhile")
	s.mustNotSee("Year end 2026")
}

// The header shortens a long title; below it stands in full.
func TestLongTitle(t *testing.T) {
	long := strings.Repeat("Ein sehr langer Titel ", 3) + "Ende"
	s := showBackup(t, with(func(b *api.Backup) { b.Title = long }), nil)
	if strings.Count(s.sees(), long) != 2 {
		t.Error("the full title is nowhere to be read")
	}
}

func TestPendingWithoutPermission(t *testing.T) {
	s := showBackup(t, pendingSample(), func(s *stage) { s.world.account.User.Permissions = nil })
	s.mustSee("You are not allowed to create backups.")
	s.mustNotSee("Cancel this backup")
}

func TestUnknownBackup(t *testing.T) {
	s := newStage(t)
	s.show(NewDetails(s.world.needs(), s.nav, "no such"))
	s.mustSee("The server does not know this backup.")
	s.tap("Show all backups")
	if s.nav.last() != "backups" {
		t.Errorf("went %v", s.nav.went)
	}
}

func TestHiddenDetailsHearNothing(t *testing.T) {
	s := showBackup(t, sample(), here(download.CopyPresent))
	screen := NewDetails(s.world.needs(), s.nav, "year-end")
	s.show(screen)
	s.tap("Download again")
	s.waitToSee("is already in Downloads.")
	screen.Hidden()
	s.mustNotSee("is already in Downloads.") // the question goes with its screen
	seen := s.sees()
	s.world.transferChanges(download.State{ID: "year-end", Phase: download.Running})
	s.Settle()
	if s.sees() != seen {
		t.Error("the hidden screen changed")
	}
}

func TestDetailsBesideTheListHaveNoWayBack(t *testing.T) {
	s := newStage(t)
	s.nav.wide = true
	s.world.items = []api.Backup{sample()}
	s.show(NewDetails(s.world.needs(), s.nav, "year-end"))
	if s.control("Back") != nil {
		t.Error("there is a way back")
	}
	if !strings.Contains(s.sees(), "Download Backup") {
		t.Error("nothing is seen")
	}
}
