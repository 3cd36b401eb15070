package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// cellsOf are the cells of all kept records of a module.
func (w *world) cellsOf(module string) [][]string {
	w.Helper()
	all, err := queryAll(w.Context(), w.r, func(r *sql.Rows) (cells []string, err error) {
		var raw string
		if err := r.Scan(&raw); err != nil {
			return nil, err
		}
		return cells, json.Unmarshal([]byte(raw), &cells)
	}, "SELECT cells FROM records WHERE module = ? ORDER BY created_at, seq", module)
	if err != nil {
		w.Fatal(err)
	}
	return all
}

func TestTheWholeDemo(t *testing.T) {
	w := emptyWorld(t, func(c *Config) { c.Demo = DemoOptions{} })
	begun := time.Now()
	demo, err := w.s.SeedDemo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("seeded in %v", time.Since(begun).Round(time.Millisecond))
	if demo.Organisation != "Acme Trading" {
		t.Errorf("got %+v", demo)
	}
	// Who starts the demo is not told of faults that belong to it.
	if log := w.log.String(); strings.Contains(log, "level=ERROR") {
		t.Error(log)
	}
	if n := w.count("SELECT COUNT(*) FROM records"); n < 60_000 || n > 80_000 {
		t.Errorf("%d kept records", n)
	}
	if n := w.count("SELECT COUNT(*) FROM records WHERE created_at > ?", millis(noon)); n != 0 {
		t.Errorf("%d records are from the future", n)
	}
	for _, m := range demoModules() {
		if n := w.count("SELECT COUNT(*) FROM records WHERE module = ?", m.key); (n > 0) != m.subscribed {
			t.Errorf("%s has %d records", m.key, n)
		}
	}
	auth := w.demo()
	today := calendar.DayOf(noon, time.UTC)
	n := api.NewBackup{Title: "Everything there is", From: today.AddMonths(-24), Till: today}
	begun = time.Now()
	b := w.make(auth, n)
	t.Logf("exported in %v", time.Since(begun).Round(time.Millisecond))
	var records int64
	for _, m := range b.Modules {
		records += m.Records
	}
	if int(records) != w.count("SELECT COUNT(*) FROM records") || b.Completeness != api.Complete {
		t.Errorf("%d records in %+v", records, b)
	}
	_, files := w.archiveOf(auth, b.ID)
	checkSums(t, files)
	// What CSV files and spreadsheets stumble over is all there.
	text := string(bytes.Join([][]byte{files["messages.csv"], files["customers.csv"], files["complaints.csv"]}, nil))
	for _, want := range []string{"ü", "Ω", "Спасибо", "مرحبا", "תודה", "好的", "네,", "🎉", `""`, ",'=SUM(A1:A9)", "'@all", "'-5 degrees", "\n0000900,", "Line one\nline two", ",+49", ",\"'=HYPERLINK"} {
		if !strings.Contains(text, want) {
			t.Errorf("nowhere %q", want)
		}
	}
}

func TestTheDemoIsTheSameEveryTime(t *testing.T) {
	sum := func() string {
		w := emptyWorld(t)
		if _, err := w.s.SeedDemo(t.Context()); err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, m := range demoModules() {
			fmt.Fprintln(&all, m.key, w.cellsOf(m.key))
		}
		return all.String()
	}
	if a, b := sum(), sum(); a != b {
		t.Errorf("%d and %d bytes, not the same", len(a), len(b))
	}
}

func TestTheDemoIsSeededOnce(t *testing.T) {
	w := newWorld(t)
	records, backups := w.count("SELECT COUNT(*) FROM records"), w.count("SELECT COUNT(*) FROM backups")
	b := w.make(w.demo(), request("Mine"))
	w.close()
	w.clock.add(24 * time.Hour)
	w.open()
	for range 2 {
		demo, err := w.s.SeedDemo(t.Context())
		if err != nil || demo.Email != "demo@acme.example" || demo.Password != demoPassword {
			t.Fatal(demo, err)
		}
	}
	if n := w.count("SELECT COUNT(*) FROM records"); n > records || n < records-50 { // a day was swept
		t.Errorf("%d records, before %d", n, records)
	}
	if n := w.count("SELECT COUNT(*) FROM backups"); n != backups+1 {
		t.Errorf("%d backups, before %d", n, backups)
	}
	w.get(w.demo(), b.ID)
}

func TestHalfADemoIsBegunAnew(t *testing.T) {
	w := newWorld(t)
	records, files := w.count("SELECT COUNT(*) FROM records"), len(w.left("archives"))
	if _, err := w.w.Exec("UPDATE organisations SET seeded_at = NULL"); err != nil {
		t.Fatal(err)
	}
	w.create(w.demo(), request("Under way"))
	if _, err := w.s.SeedDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.count("SELECT COUNT(*) FROM records"); n != records {
		t.Errorf("%d records, want %d", n, records)
	}
	if n := len(w.left("archives")); n != files {
		t.Errorf("%d files, want %d", n, files)
	}
	if n := w.count("SELECT COUNT(*) FROM backups"); n != 8 {
		t.Errorf("%d backups", n)
	}
}

func TestSeedingCanBeInterrupted(t *testing.T) {
	w := emptyWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.s.SeedDemo(ctx); err == nil {
		t.Error("it went on")
	}
	if _, err := w.s.SeedDemo(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestEarlierBackupsOfTheDemoAreReal(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	devices, people := map[string]bool{}, map[string]bool{}
	states := map[api.Status]int{}
	for _, b := range into[api.BackupPage](w.call("GET", "/v1/backups", nil, auth).want(200)).Items {
		states[b.Status]++
		devices[b.CreatedOn.Name], people[b.CreatedBy.Name] = true, true
		if !b.PerformedAt.Before(noon) {
			t.Errorf("%s was performed %v", b.Title, b.PerformedAt)
		}
		switch b.Status {
		case api.StatusCompleted:
			body := w.call("GET", "/v1/backups/"+b.ID+"/archive", nil, auth).want(200).body
			if fmt.Sprintf("%x", sha256.Sum256(body)) != b.Archive.SHA256 {
				t.Errorf("%s is damaged", b.Title)
			}
			if got := b.CompletedAt.Sub(b.PerformedAt); got <= 0 || got > time.Minute {
				t.Errorf("%s took %v", b.Title, got)
			}
			if partial := strings.HasPrefix(b.Title, "For the auditors"); partial != (b.Completeness == api.Partial) {
				t.Errorf("%s is %s", b.Title, b.Completeness)
			}
		case api.StatusFailed:
			if b.Error == nil || b.Error.Detail == "" {
				t.Errorf("%s: why?", b.Title)
			}
		case api.StatusExpired, api.StatusDeleted:
			if b.DeletedAt == nil || b.DeletedAt.After(noon) {
				t.Errorf("%s went %v", b.Title, b.DeletedAt)
			}
		}
	}
	if states[api.StatusCompleted] != 4 || states[api.StatusFailed] != 1 || states[api.StatusCancelled] != 1 || states[api.StatusExpired] != 1 || states[api.StatusDeleted] != 1 {
		t.Errorf("got %v", states)
	}
	if !devices["Pixel 8"] || !devices["Office PC"] || !people["Maria Silva"] || !people["Alex Morgan"] {
		t.Errorf("got %v %v", devices, people)
	}
	if n := w.count("SELECT COUNT(*) FROM records WHERE json_valid(cells) = 0"); n != 0 {
		t.Error("a broken record was left")
	}
}

func TestTheDemosInvoicesAddUp(t *testing.T) {
	w := newWorld(t)
	money := func(s string) *big.Rat {
		r, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("%q is no amount", s)
		}
		return r
	}
	credit := 0
	numbers := map[string]bool{}
	all := w.cellsOf("invoices")
	for _, c := range all {
		subtotal, tax, total, paid, balance := money(c[7]), money(c[8]), money(c[9]), money(c[10]), money(c[11])
		if new(big.Rat).Add(subtotal, tax).Cmp(total) != 0 || new(big.Rat).Add(paid, balance).Cmp(total) != 0 {
			t.Errorf("does not add up: %v", c)
		}
		off := new(big.Rat).Sub(new(big.Rat).Mul(subtotal, big.NewRat(19, 100)), tax)
		if off.Abs(off).Cmp(big.NewRat(1, 200)) > 0 {
			t.Errorf("tax is not 19 %%: %v", c)
		}
		if total.Sign() < 0 {
			credit++
		}
		if numbers[c[1]] {
			t.Errorf("number %s twice", c[1])
		}
		numbers[c[1]] = true
	}
	if len(all) < 50 {
		t.Errorf("%d invoices", len(all))
	}
	t.Logf("%d invoices, %d credit notes", len(all), credit)
}

func TestTheDemoWorksWhenPeopleDo(t *testing.T) {
	w := newWorld(t)
	berlin, err := time.LoadLocation(demoZone)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range w.cellsOf("attendance") {
		in, err := time.Parse(time.RFC3339, c[4])
		if err != nil {
			t.Fatal(err)
		}
		day := in.In(berlin)
		if d := day.Weekday(); d == time.Saturday || d == time.Sunday || day.Hour() < 7 || day.Hour() > 9 || day.Format(time.DateOnly) != c[3] {
			t.Errorf("checked in %v on %s", day, c[3])
		}
	}
	people := map[string]bool{}
	for _, c := range w.cellsOf("attendance") {
		people[c[1]] = true
	}
	if len(people) < 3 {
		t.Errorf("%d people", len(people))
	}
}

func TestTheDemoInAnotherLocale(t *testing.T) {
	w := emptyWorld(t, func(c *Config) { c.Demo.Locale = "de-DE" })
	if _, err := w.s.SeedDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, _ := w.export("demo@acme.example", api.NewBackup{From: calendar.NewDay(2026, 5, 1), Till: calendar.NewDay(2026, 6, 1), Modules: []string{"invoices"}})
	if !strings.HasPrefix(text, "\ufeffinvoice_id;number;") || !strings.Contains(text, ",") {
		t.Errorf("%.200s", text)
	}
}
