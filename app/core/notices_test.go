package core

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"connectbackup/api"
	"connectbackup/device"
	"connectbackup/device/download"
)

// A backup of one's own that turns green is announced, and leads to it.
func TestABackupThatIsReadyIsAnnounced(t *testing.T) {
	w := newWorld(t)
	shown := make(chan string, 9)
	w.change = func(o *Options) { o.OpenBackup = func(id string) { shown <- id } }
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	n := w.told.wait(t, "Backup is ready")
	if n.Body != b.Title || n.Action != "Show" || n.ID != b.ID {
		t.Errorf("told %+v", n)
	}
	n.OnAction()
	if id := <-shown; id != b.ID {
		t.Errorf("it leads to %s", id)
	}
}

func TestWhoIsToldOfTheEndOfABackup(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	a := signInDemo(t, c)
	mine, theirs := api.UserRef{ID: a.User.ID}, api.UserRef{ID: "usr_colleague"}
	for i, row := range []struct {
		by     api.UserRef
		status api.Status
		title  string
	}{
		{theirs, api.StatusCompleted, ""},
		{theirs, api.StatusFailed, ""},
		{mine, api.StatusCancelled, ""},
		{mine, api.StatusFailed, "Backup failed"},
		{mine, api.StatusCompleted, "Backup is ready"},
	} {
		b := api.Backup{ID: fmt.Sprint("bkp_", i), Title: "T", Status: api.StatusPending, CreatedBy: row.by}
		c.backups.learn(b, true)
		b.Status = row.status
		b.Error = &api.BackupError{Code: string(api.CodeInsufficientStorage)}
		c.backups.learn(b, true)
		c.backups.learn(b, true) // heard twice
		if row.title == "" {
			continue
		}
		n := w.told.wait(t, row.title)
		if n.ID != b.ID || (row.status == api.StatusFailed) != strings.Contains(n.Body, "no room for another backup") {
			t.Errorf("told %+v", n)
		}
		if n.OnAction != nil {
			t.Error("it leads to a window that is not there")
		}
	}
	if n := len(w.told.titled("Backup failed")) + len(w.told.titled("Backup is ready")); n != 2 {
		t.Errorf("%d were told, want 2", n)
	}
}

// Every text of a notification goes through Say.
func TestNotificationsSpeakThePersonsLanguage(t *testing.T) {
	w := newWorld(t)
	w.change = func(o *Options) {
		o.Say = func(text string, count int, data map[string]any) string {
			if count >= 0 {
				t.Errorf("%q with a count of %d", text, count)
			}
			return "«" + fill(text, data) + "»"
		}
	}
	c := w.start()
	signInDemo(t, c)
	held(t, c)
	w.told.wait(t, "«Backup is ready»")
	if n := w.told.wait(t, "«Backup downloaded»"); n.Action != "«Open»" {
		t.Errorf("told %+v", n)
	}
	c.announceDownload(download.State{ID: "x", Name: "a.zip", Phase: download.Failed, Err: &download.SpaceError{Need: 5_000_000, Free: 1}})
	if n := w.told.wait(t, "«Backup not downloaded»"); n.Body != "a.zip\n«There is not enough space: 5.0 MB are needed, 1 B are free.» «Free some space, then try again. What has already come is kept.»" {
		t.Errorf("told %q", n.Body)
	}
}

// A click on a notification whose file has gone meanwhile leads to the backup.
func TestANotificationWhoseFileIsGoneLeadsToTheBackup(t *testing.T) {
	w := newWorld(t)
	shown := make(chan string, 1)
	w.change = func(o *Options) { o.OpenBackup = func(id string) { shown <- id } }
	c := w.start()
	c.announceDownload(download.State{ID: "bkp_1", Name: "a.zip", Phase: download.Done, Location: "/nowhere/a.zip"})
	w.told.wait(t, "Backup downloaded").OnAction()
	if id := <-shown; id != "bkp_1" {
		t.Errorf("it leads to %s", id)
	}
}

// slowNotifier shows nothing until it is let.
type slowNotifier struct{ let chan struct{} }

func (s slowNotifier) Notify(device.Notification) error {
	<-s.let
	return errors.New("nobody shows notifications")
}

func (slowNotifier) Close() error { return nil }

// A system that takes its time for a notification holds up nothing.
func TestASlowNotificationHoldsUpNothing(t *testing.T) {
	w := newWorld(t)
	slow := slowNotifier{make(chan struct{})}
	w.change = func(o *Options) { o.Notifier = slow }
	c := w.start()
	for i := range 3 * noticesMax {
		c.announceDownload(download.State{ID: fmt.Sprint(i), Phase: download.Done})
	}
	close(slow.let)
}
