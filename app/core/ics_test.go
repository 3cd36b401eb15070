package core

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"connectbackup/api"
	"connectbackup/api/reminder"
	"connectbackup/device/download"
)

// What is about to be deleted can be put into a calendar, once: a later export
// names the same events, and one that is covered is no longer in it (B7).
func TestDeletionsInACalendar(t *testing.T) {
	w := newWorld(t)
	clock := &adjustable{now: awake()}
	w.clock = clock.time
	s := w.remote(clock.time)
	c := w.start()
	if _, err := c.Reminders().Calendar(); !errors.Is(err, api.ErrSignedOut) {
		t.Errorf("without a session: %v", err)
	}
	seen := make(chan reminder.Outlook, 100)
	defer c.Reminders().Subscribe(func(o reminder.Outlook) { seen <- o })()
	signInTo(t, c, s.URL)
	o := until(t, seen, func(o reminder.Outlook) bool { return len(o.Due) > 0 })
	if err := c.Reminders().SetOptions(reminder.Options{Days: []int{30, 1}}); err != nil {
		t.Fatal(err)
	}

	first := exported(t, c)
	if len(first) != len(o.Events()) || len(first) < 2 {
		t.Fatalf("%d events of %d", len(first), len(o.Events()))
	}
	for i, e := range first {
		on, err := e.GetAllDayStartAt()
		want := o.Events()[i].On
		if err != nil || on.Format(time.DateOnly) != want.String() {
			t.Errorf("on %v, want %s, %v", on, want, err)
		}
		var rings []string
		for _, alarm := range e.Alarms() {
			rings = append(rings, alarm.GetProperty(ics.ComponentPropertyTrigger).Value)
		}
		if got := strings.Join(rings, " "); got != "-P29DT15H -P0DT15H" {
			t.Errorf("it rings %s", got)
		}
		if title := e.GetProperty(ics.ComponentPropertySummary).Value; !strings.Contains(title, "deletes") || !strings.Contains(title, "Acme Trading") {
			t.Errorf("it is called %q", title)
		}
	}
	for i, e := range exported(t, c) {
		if e.Id() != first[i].Id() {
			t.Errorf("the second export calls %s %s", first[i].Id(), e.Id())
		}
	}

	if err := os.RemoveAll(w.downloads); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.downloads, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var folder *download.FolderError
	if _, err := c.Reminders().Calendar(); !errors.As(err, &folder) {
		t.Errorf("where a file is in the way of Downloads: %v", err)
	}
}

// exported is what a calendar reads from the file.
func exported(t *testing.T, c *Core) []*ics.VEvent {
	t.Helper()
	l, err := c.Reminders().Calendar()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(string(l))
	if err != nil || filepath.Ext(string(l)) != ".ics" {
		t.Fatal(l, err)
	}
	for line := range strings.SplitSeq(string(b), "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			t.Errorf("RFC 5545 forbids the line %q", line)
		}
	}
	read, err := ics.ParseCalendar(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return read.Events()
}
