package core

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/reminder"
	"connectbackup/api/server"
	"connectbackup/device/download"
)

// imported is a server of its own, into whose organisation records are imported.
type imported struct {
	*world
	e        *Embedded
	url      string
	password string
}

// importer is who may sign in there.
const importer = "owner@late.example"

// importing is an empty server that is none of the demo.
func (w *world) importing() *imported {
	w.Helper()
	e, err := OpenEmbedded(w.Context(), EmbeddedOptions{Dir: w.TempDir(), Clock: w.clock})
	if err != nil {
		w.Fatal(err)
	}
	return &imported{world: w, e: e, url: w.serves(e).URL}
}

// department imports one that was made at that instant.
func (i *imported) department(name string, made time.Time) {
	i.Helper()
	path := filepath.Join(i.TempDir(), "departments.csv")
	text := "department_id,name,manager_id,manager_name,member_count,created_at\n" + name + "," + name + ",1,Ann,3," + made.UTC().Format(time.RFC3339) + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		i.Fatal(err)
	}
	report, err := i.e.Import(i.Context(), server.ImportOptions{
		Organisation: "Late", New: &server.NewOrganisation{Name: "Late", Timezone: "Europe/Berlin", Locale: "de-DE", Email: importer},
		Files: []server.ImportFile{{Module: "departments", Path: path}}, Commit: true,
	})
	if err != nil {
		i.Fatal(err)
	}
	if report.Password != "" {
		i.password = report.Password
	}
}

// TestRecordsThatComeAfterABackupAreReminded: older ones are imported when a
// backup of all those days has been made and lies on this device.
func TestRecordsThatComeAfterABackupAreReminded(t *testing.T) {
	w := newWorld(t)
	clock := &adjustable{now: awake()}
	w.clock = clock.time
	i := w.importing()
	i.department("Stock", clock.time().AddDate(0, -6, 0))
	c := w.start()
	if _, err := c.Sessions().SignIn(t.Context(), i.url, importer, i.password, false); err != nil {
		t.Fatal(err)
	}
	due := func() []reminder.Due {
		t.Helper()
		o, err := c.Reminders().Refresh(t.Context())
		if err != nil || o.Err != nil || (len(o.Due) > 0 && o.Due[0].Place == reminder.Nowhere) != (o.Suggestion != nil) {
			t.Fatalf("%v, %v: %+v", err, o.Err, o)
		}
		return o.Due
	}
	saved := func(title string) {
		t.Helper()
		clock.set(clock.time().Add(time.Minute))
		today := calendar.DayOf(clock.time(), time.UTC)
		backup := made(t, c, api.NewBackup{Title: title, From: today.AddMonths(-23).AddDays(-20), Till: today})
		if state := fetched(t, c, backup, download.Ask); state.Phase != download.Done {
			t.Fatalf("the download ended as %+v", state)
		}
		clock.set(clock.time().Add(time.Minute))
	}
	saved("Before")
	if got := due(); len(got) > 0 {
		t.Fatalf("nothing is about to go, and due is %+v", got)
	}

	i.department("Sales", clock.time().AddDate(0, -23, -10))
	if got := due(); len(got) != 1 || got[0].Module != "departments" || got[0].Records != 1 || got[0].Place != reminder.Nowhere {
		t.Fatalf("due is %+v", got)
	}
	for n := w.told.next(t); !strings.HasPrefix(n.Title, "Records are deleted"); {
		n = w.told.next(t)
	}
	saved("After")
	if got := due(); len(got) > 0 {
		t.Errorf("all is here, and due is %+v", got)
	}
}
