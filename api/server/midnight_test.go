package server

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// lastMoment is a server a moment before midnight, with a record that is swept
// at midnight, and somebody who asks for a backup with it.
func lastMoment(t *testing.T) (w *world, who *identity, n api.NewBackup) {
	t.Helper()
	w = emptyWorld(t)
	org, email := w.organisation("Midnight", "Europe/Berlin", "de-DE")
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	w.clock.set(time.Date(2026, 6, 17, 23, 59, 59, 0, berlin))
	w.department(org, time.Date(2024, 6, 17, 12, 0, 0, 0, berlin), "x")
	who, err = w.s.identify(t.Context(), strings.TrimPrefix(w.signedIn(email), "Authorization: "))
	if err != nil {
		t.Fatal(err)
	}
	today := calendar.NewDay(2026, 6, 17)
	return w, who, api.NewBackup{Title: "Late", From: today.AddMonths(-24), Till: today, Modules: []string{"departments"}}
}

// TestNoBackupIsPromisedADayThatIsSwept: what was planned before midnight and
// would be stored after it asks for a day that is gone by then. It is refused as
// if it had come after midnight, and never made without that day.
func TestNoBackupIsPromisedADayThatIsSwept(t *testing.T) {
	w, who, n := lastMoment(t)
	b, err := w.s.plan(t.Context(), who, n)
	if err != nil {
		t.Fatal(err)
	}
	w.sweepAt(w.clock.now().Add(2 * time.Second))
	if w.count("SELECT COUNT(*) FROM records") != 0 {
		t.Fatal("the day was not swept")
	}
	_, err = w.s.enter(t.Context(), who, b, "key", []byte("hash"))
	var f *fault
	if !errors.As(err, &f) || len(f.Errors) != 1 || f.Errors[0].Field != "from" || f.Errors[0].Code != api.FieldOutOfWindow {
		t.Errorf("got %v", err)
	}
	if w.count("SELECT COUNT(*) FROM backups") != 0 || w.count("SELECT COUNT(*) FROM idempotency") != 0 {
		t.Error("something was stored")
	}
}

// TestTheSweepWaitsForWhatIsBeingPromised: a backup whose row is being stored
// when the sweep begins is honoured, although nobody else can read it yet.
func TestTheSweepWaitsForWhatIsBeingPromised(t *testing.T) {
	w, who, n := lastMoment(t)
	b, err := w.s.plan(t.Context(), who, n)
	if err != nil {
		t.Fatal(err)
	}
	type answer struct {
		cutoff time.Time
		err    error
	}
	answers := make(chan answer, 1)
	early := false
	err = w.s.write(t.Context(), func(tx *sql.Tx) error {
		if err := insert(t.Context(), tx, b, who.orgID, who.userID, "de-DE", []byte("hash"), b.SearchText()); err != nil {
			return err
		}
		go func() {
			at, err := w.s.cutoff(context.WithoutCancel(t.Context()), who.orgID, n.Till.AddDays(1), who.loc)
			answers <- answer{at, err}
		}()
		select {
		case a := <-answers:
			early = true
			answers <- a
		case <-time.After(200 * time.Millisecond):
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a := <-answers
	if a.err != nil || early || !a.cutoff.Equal(n.From.Start(who.loc)) {
		t.Errorf("before the row was there: %v; the sweep deletes what is older than %v, want %v (%v)", early, a.cutoff, n.From.Start(who.loc), a.err)
	}
}
