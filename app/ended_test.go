package app

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"connectbackup/api"
)

// TestSessionEnds has the server end the session of somebody who is using the
// app: every screen says so and leads to the sign-in, what was seen stays, and
// after signing in they are back where they were.
func TestSessionEnds(t *testing.T) {
	server := demoServer(t)
	for name, size := range map[string]fyne.Size{"phone": fyne.NewSize(412, 892), "desk": fyne.NewSize(1000, 720)} {
		t.Run(name, func(t *testing.T) { sessionEnds(newPerson(t, size, server)) })
	}
}

func sessionEnds(p *person) {
	const ended = "Your session has ended. Sign in again. Downloaded files stay where they are."
	p.tap("Try the demo")
	p.waitToSee("Acme Trading")
	p.tap("Backup")
	p.waitToSee("Completed")
	page, err := p.core.Backups().List(p.Context(), api.ListQuery{})
	if err != nil {
		p.Fatal(err)
	}
	nav := p.frame.nav
	nav.ShowBackup(page.Value.Items[0].ID)
	p.waitToSee("Performed on")

	p.revoke()
	nav.Refresh()
	p.waitToSee(ended)
	p.waitToSee("Performed on")
	for name, show := range map[string]func(){
		"home": nav.ShowHome, "list": nav.ShowBackups, "settings": nav.ShowSettings,
		"form":    func() { nav.ShowCreate(nil) },
		"details": func() { nav.ShowBackup(page.Value.Items[1].ID) },
	} {
		show()
		p.until(name+" says that the session ended", func() bool { return strings.Count(p.sees(), "Your session has ended.") == 1 })
		way := len(nav.way)
		p.tap("Sign in")
		p.waitToSee("Try it with a demo organisation")
		p.tap("Back")
		if len(nav.way) != way {
			p.Errorf("Back from the sign-in does not lead to the %s", name)
		}
	}
	nav.ShowBackup(page.Value.Items[0].ID)
	p.waitToSee("Performed on")
	p.tap("Sign in")
	p.tap("Try the demo")
	p.waitToSee("Performed on")
	p.until("the bar is gone", func() bool { return !strings.Contains(p.sees(), "session") })
	nav.Refresh()
	p.until("the server answers", func() bool { return !strings.Contains(p.sees(), "As of") })
}

// revoke ends the session on the server.
func (p *person) revoke() {
	p.Helper()
	// With the app's own driver: two copies of SQLite that hold one file in one
	// process take each other's locks away.
	drivers := sql.Drivers()
	if len(drivers) != 1 {
		p.Fatalf("there are the drivers %q", drivers)
	}
	db, err := sql.Open(drivers[0], "file:"+filepath.Join(p.data, "server", "server.db"))
	if err == nil {
		_, err = db.ExecContext(p.Context(), "PRAGMA busy_timeout = 5000; UPDATE sessions SET revoked_at = 1")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		p.Fatal(err)
	}
}
