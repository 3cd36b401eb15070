package server

import (
	"strings"
	"testing"
	"time"

	"connectbackup/api"
)

func TestAClockIsBelievedWhenItStaysFarForADay(t *testing.T) {
	const day = 24 * time.Hour
	type look struct {
		at  time.Duration // after the last believed sweep
		may bool
	}
	const far = 3650 * day
	for name, looks := range map[string][]look{
		"every hour":          {{time.Hour, true}, {2 * time.Hour, true}},
		"after a holiday":     {{45 * day, true}, {90 * day, true}},
		"after half a year":   {{183 * day, false}, {184*day - 1, false}, {184 * day, true}, {184*day + time.Hour, true}},
		"half a year, opened": {{183 * day, false}, {200 * day, true}},
		"years ahead":         {{far, false}, {far + time.Hour, false}, {time.Hour, true}, {2 * time.Hour, true}},
		// What is set back ends the doubt: a new one begins anew.
		"ahead again":       {{far, false}, {far + 23*time.Hour, false}, {time.Hour, true}, {far + day, false}, {far + 2*day, true}},
		"set back a little": {{far, false}, {far - time.Hour, false}, {far + 23*time.Hour - 1, false}, {far + 23*time.Hour, true}},
		"set ahead twice":   {{far, false}, {2 * far, false}, {2*far + 23*time.Hour, false}, {2*far + day, true}},
		// A clock that starts in 1970 finds nothing due that is not so anyway, and
		// is not taken for the true one before a day is over.
		"behind":           {{-far, true}, {-far + time.Hour, true}, {time.Hour, true}, {far, false}},
		"behind for a day": {{-far, true}, {-far + day, true}, {time.Hour, false}, {day + time.Hour, true}},
		"behind, ahead":    {{-far, true}, {far, false}, {far + day, true}},
	} {
		r := reckoning{believed: noon, seen: noon}
		for i, l := range looks {
			var may bool
			if r, may = r.look(noon.Add(l.at)); may != l.may {
				t.Errorf("%s: look %d, %v: may delete %v", name, i, l.at, may)
			}
		}
	}
}

func TestAClockThatJumpsDeletesNothing(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	b := w.make(auth, request("Only copy"))
	records, sessions := w.count("SELECT COUNT(*) FROM records"), w.count("SELECT COUNT(*) FROM sessions")
	whole := func() {
		t.Helper()
		if n, m := w.count("SELECT COUNT(*) FROM records"), w.count("SELECT COUNT(*) FROM sessions"); n != records || m != sessions {
			t.Fatalf("%d of %d records, %d of %d sessions are left", n, records, m, sessions)
		}
		w.call("GET", "/v1/backups/"+b.ID+"/archive", nil, auth).want(200)
	}
	for range 2 {
		wrong := noon.AddDate(10, 0, 0)
		for hours := range 24 {
			w.clock.set(wrong.Add(time.Duration(hours) * time.Hour))
			if err := w.s.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if hours == 12 { // a restart is no reason to believe it
				w.close()
				w.open()
			}
		}
		w.clock.set(noon.Add(time.Minute))
		whole()
		if err := w.s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		whole()
	}
	if n := strings.Count(w.log.String(), "the clock is far from the last sweep"); n != 2 {
		t.Errorf("told %d times of 2 jumps:\n%s", n, w.log)
	}
	if n := strings.Count(w.log.String(), "the clock is believed again"); n != 2 {
		t.Errorf("told %d times that it is over", n)
	}
}

func TestAServerThatWasOffForHalfAYearSweepsADayLater(t *testing.T) {
	w := newWorld(t)
	b := w.make(w.demo(), request("Due"))
	due := noon.AddDate(0, 6, 0)
	w.exec("UPDATE backups SET expires_at = ? WHERE public_id = ?", millis(due), b.ID)
	left := func() int {
		return w.count("SELECT COUNT(*) FROM records WHERE created_at < ?", millis(due.AddDate(-2, 0, -1)))
	}
	w.close()
	w.clock.set(due)
	w.open()
	if got := w.get(w.demo(), b.ID); got.Status != api.StatusCompleted || left() == 0 {
		t.Errorf("swept at once: %s, %d records", got.Status, left())
	}
	w.sweepAt(due.Add(24 * time.Hour))
	if got := w.get(w.demo(), b.ID); got.Status != api.StatusExpired || left() != 0 {
		t.Errorf("not swept: %s, %d records", got.Status, left())
	}
}

func TestOpenSweepsAtOnceAfterAHoliday(t *testing.T) {
	w := newWorld(t)
	b := w.make(w.demo(), request("Due"))
	due := noon.AddDate(0, 0, 40)
	w.exec("UPDATE backups SET expires_at = ? WHERE public_id = ?", millis(due), b.ID)
	w.close()
	w.clock.set(due)
	w.open()
	if got := w.get(w.demo(), b.ID); got.Status != api.StatusExpired {
		t.Errorf("got %s", got.Status)
	}
	if n := w.count("SELECT COUNT(*) FROM records WHERE created_at < ?", millis(due.AddDate(-2, 0, -1))); n != 0 {
		t.Errorf("%d records are left", n)
	}
}

// Of data that an older version wrote it is known when somebody last used it.
func TestTheFirstSweepOfOlderDataIsHeldToItsLastUse(t *testing.T) {
	w := newWorld(t)
	w.demo()
	records := w.count("SELECT COUNT(*) FROM records")
	w.exec("DROP TABLE reckoning")
	w.exec("PRAGMA user_version = 4")
	w.close()
	w.clock.set(noon.AddDate(10, 0, 0))
	w.open()
	if n := w.count("SELECT COUNT(*) FROM records"); n != records || n == 0 {
		t.Errorf("%d of %d records are left", n, records)
	}
}
