package screens

import (
	"testing"

	"connectbackup/api"
)

func TestHome(t *testing.T) {
	s := newStage(t)
	s.world.items = sampleList()
	home := NewHome(s.world.needs(), s.nav)
	s.show(home)
	s.mustSee("Acme Trading", "Backup", "2 pending")
	s.mustNotSee("It cannot be put back into the server.")
	if home.Title() != "Acme Trading" {
		t.Errorf("the window is called %q", home.Title())
	}
	for _, b := range []api.Backup{pendingSample(), queuedSample()} {
		b.Status = api.StatusCompleted
		s.world.serverChanges(b)
	}
	s.waitToSee("Staff and leave, for the auditor · Performed just now")
	s.tap("Backup")
	if s.nav.last() != "backups" {
		t.Errorf("the tile leads to %q", s.nav.last())
	}
	s.tap("Settings")
	if s.nav.last() != "settings" {
		t.Errorf("the wheel leads to %q", s.nav.last())
	}
}

// What a backup is not is said once (I14).
func TestHomeSaysOnceWhatABackupIsNot(t *testing.T) {
	s := newStage(t)
	s.world.told = map[string]bool{}
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustSee("It cannot be put back into the server.", "No backups yet")
	s.tap("Got it")
	s.mustNotSee("It cannot be put back into the server.")
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustNotSee("It cannot be put back into the server.")
}

func TestHomeWithoutConnection(t *testing.T) {
	s := newStage(t)
	s.world.listErr = errOffline
	s.show(NewHome(s.world.needs(), s.nav))
	s.mustSee("connect.example.com cannot be reached.")
	s.world.change(func() { s.world.listErr = nil; s.world.items = sampleList()[:1] })
	home := NewHome(s.world.needs(), s.nav)
	s.show(home)
	home.(Refresher).Refresh()
	s.waitToSee("1 pending")
}
