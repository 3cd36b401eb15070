package cache

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

var (
	t0    = time.Date(2026, 3, 1, 9, 30, 0, 123456789, time.UTC)
	anna  = Scope{"https://connect.example", "org1", "anna"}
	all   = api.ListQuery{}
	today = calendar.NewDay(2026, time.March, 1)
)

func database(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec("PRAGMA journal_mode=WAL; PRAGMA busy_timeout=5000"); err != nil {
		t.Fatal(err)
	}
	return db
}

func open(t *testing.T) (*Cache, *sql.DB) {
	t.Helper()
	db := database(t, filepath.Join(t.TempDir(), "app.db"))
	c, err := Open(db)
	if err != nil {
		t.Fatal(err)
	}
	return c, db
}

// backup is the nth backup, performed n days before t0.
func backup(n int, status api.Status, title string) api.Backup {
	b := api.Backup{
		ID: fmt.Sprintf("bkp_%03d", n), Title: title, Status: status,
		From: today.AddMonths(-24), Till: today.AddDays(-n), Timezone: "Europe/Berlin",
		Modules:     []api.BackupModule{{Key: "invoices", Name: "Rechnungen", Status: api.ModuleOK, Records: 3}},
		PerformedAt: t0.AddDate(0, 0, -n).Truncate(time.Second),
		CreatedBy:   api.UserRef{ID: "u", Name: "Anna"},
	}
	if status == api.StatusCompleted {
		done := b.PerformedAt.Add(time.Minute)
		b.CompletedAt = &done
		b.Archive = &api.Archive{FileName: fmt.Sprintf("acme_%03d.zip", n), Size: 5, SHA256: strings.Repeat("ab", 32)}
	}
	return b
}

func ids(items []api.Backup) string {
	var s []string
	for _, b := range items {
		s = append(s, strings.TrimLeft(strings.TrimPrefix(b.ID, "bkp_"), "0"))
	}
	return strings.Join(s, " ")
}

func savePage(t *testing.T, s *Store, q api.ListQuery, next string, items ...api.Backup) {
	t.Helper()
	if err := s.SavePage(q, api.BackupPage{Items: items, NextCursor: next}, t0); err != nil {
		t.Fatal(err)
	}
}

func page1(t *testing.T, s *Store, q api.ListQuery) string {
	t.Helper()
	p, ok, err := s.Page(q)
	if err != nil || !ok {
		t.Fatalf("page of %+v: %v, %v", q, ok, err)
	}
	return ids(p.Value.Items)
}

func search(t *testing.T, s *Store, q api.ListQuery) string {
	t.Helper()
	p, ok, err := s.Search(q)
	if err != nil || !ok {
		t.Fatalf("search of %+v: %v, %v", q, ok, err)
	}
	return ids(p.Value.Items)
}

func TestNothingIsKnownAtFirst(t *testing.T) {
	c, _ := open(t)
	s := c.For(anna)
	if _, ok, err := s.Page(all); ok || err != nil {
		t.Errorf("page: %v, %v", ok, err)
	}
	if _, ok, err := s.Search(all); ok || err != nil {
		t.Errorf("search: %v, %v", ok, err)
	}
	if _, ok, err := s.Backup("bkp_001"); ok || err != nil {
		t.Errorf("backup: %v, %v", ok, err)
	}
	if _, ok, err := s.Modules(); ok || err != nil {
		t.Errorf("modules: %v, %v", ok, err)
	}
	if err := s.Forget(); err != nil {
		t.Errorf("forget: %v", err)
	}
}

func TestWhatWasSavedIsThereAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	db := database(t, path)
	c, err := Open(db)
	if err != nil {
		t.Fatal(err)
	}
	want := []api.Backup{backup(1, api.StatusPending, "Neu"), backup(2, api.StatusCompleted, "Ärger")}
	savePage(t, c.For(anna), all, "", want...)
	oldest := t0.AddDate(-2, 0, 0)
	modules := api.ModuleList{Items: []api.Module{{Key: "invoices", Name: "Invoices", OldestAt: &oldest}}, Today: today}
	if err := c.For(anna).SaveModules(modules, t0); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	if c, err = Open(database(t, path)); err != nil {
		t.Fatal(err)
	}
	p, ok, err := c.For(anna).Page(all)
	if err != nil || !ok || !p.At.Equal(t0) || p.Err != nil || !reflect.DeepEqual(p.Value.Items, want) {
		t.Errorf("page: %+v, %v, %v", p, ok, err)
	}
	m, ok, err := c.For(anna).Modules()
	if err != nil || !ok || !m.At.Equal(t0) || !reflect.DeepEqual(m.Value, modules) {
		t.Errorf("modules: %+v, %v, %v", m, ok, err)
	}
	b, ok, err := c.For(anna).Backup("bkp_002")
	if err != nil || !ok || !b.At.Equal(t0) || !reflect.DeepEqual(b.Value, want[1]) {
		t.Errorf("backup: %+v, %v, %v", b, ok, err)
	}
}

func TestScopesAreKeptApart(t *testing.T) {
	c, _ := open(t)
	savePage(t, c.For(anna), all, "", backup(1, api.StatusCompleted, "secret"))
	for _, other := range []Scope{
		{anna.Server, anna.Organisation, "bert"}, {anna.Server, "org2", anna.User}, {"https://other.example", anna.Organisation, anna.User}, {},
	} {
		s := c.For(other)
		if _, ok, err := s.Page(all); ok || err != nil {
			t.Errorf("%v sees the page: %v", other, err)
		}
		if _, ok, err := s.Search(api.ListQuery{Q: "secret"}); ok || err != nil {
			t.Errorf("%v finds it: %v", other, err)
		}
		if _, ok, err := s.Backup("bkp_001"); ok || err != nil {
			t.Errorf("%v sees the backup: %v", other, err)
		}
	}
}

func TestForgetLeavesNothingOnTheDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	c, err := Open(database(t, path))
	if err != nil {
		t.Fatal(err)
	}
	savePage(t, c.For(anna), all, "", backup(1, api.StatusCompleted, "Zwiebelfisch"))
	other := Scope{anna.Server, "org2", anna.User}
	savePage(t, c.For(other), all, "", backup(2, api.StatusCompleted, "Haselmaus"))
	if err := c.For(anna).Forget(); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := c.For(anna).Page(all); ok || err != nil {
		t.Errorf("the page is still there: %v", err)
	}
	if got := page1(t, c.For(other), all); got != "2" {
		t.Errorf("another organisation's page was %q", got)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	found := false
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(bytes.ToLower(b), []byte("zwiebelfisch")) {
			t.Errorf("%s still holds what was forgotten", filepath.Base(f))
		}
		found = found || bytes.Contains(b, []byte("Haselmaus"))
	}
	if !found {
		t.Error("what was kept is not in the file: this test looks in the wrong place")
	}
}

func TestSaveBackupIsNewsInEveryList(t *testing.T) {
	c, _ := open(t)
	s := c.For(anna)
	savePage(t, s, all, "", backup(2, api.StatusPending, "Neu"), backup(1, api.StatusCompleted, "Gestern"), backup(3, api.StatusCompleted, "Alt"))
	savePage(t, s, api.ListQuery{Q: "neu"}, "", backup(2, api.StatusPending, "Neu"))
	savePage(t, s, api.ListQuery{Status: api.StatusPending}, "", backup(2, api.StatusPending, "Neu"))
	if got := page1(t, s, all); got != "2 1 3" {
		t.Fatalf("before: %q", got)
	}
	later := t0.Add(time.Hour)
	if err := s.SaveBackup(backup(2, api.StatusCompleted, "Neu"), later); err != nil {
		t.Fatal(err)
	}
	p, _, err := s.Page(all)
	if err != nil {
		t.Fatal(err)
	}
	// Once completed it stands where its date puts it, and the list as a whole
	// is as old as it was.
	if got := []string{p.Value.Items[0].Title, p.Value.Items[1].Title, p.Value.Items[2].Title}; !slices.Equal(got, []string{"Gestern", "Neu", "Alt"}) {
		t.Errorf("order %v", got)
	}
	if p.Value.Items[1].Status != api.StatusCompleted || !p.At.Equal(t0) {
		t.Errorf("%v at %v", p.Value.Items[1].Status, p.At)
	}
	if p, _, err := s.Page(api.ListQuery{Q: " NEU "}); err != nil || len(p.Value.Items) != 1 || p.Value.Items[0].Archive == nil {
		t.Errorf("in the search: %+v, %v", p, err)
	}
	if got := page1(t, s, api.ListQuery{Status: api.StatusPending}); got != "" {
		t.Errorf("still among the pending: %q", got)
	}
	if b, _, err := s.Backup("bkp_002"); err != nil || !b.At.Equal(later) {
		t.Errorf("details as of %v, %v", b.At, err)
	}
}

func TestANewBackupJoinsTheListsWhereItBelongs(t *testing.T) {
	c, _ := open(t)
	s := c.For(anna)
	second := api.ListQuery{Cursor: "c"}
	savePage(t, s, all, "c", backup(2, api.StatusCompleted, "a"), backup(3, api.StatusCompleted, "b"))
	savePage(t, s, second, "", backup(5, api.StatusCompleted, "c"))
	savePage(t, s, api.ListQuery{Q: "urlaub"}, "")
	for _, b := range []api.Backup{backup(1, api.StatusPending, "Urlaub"), backup(4, api.StatusFailed, "between")} {
		if err := s.SaveBackup(b, t0); err != nil {
			t.Fatal(err)
		}
	}
	if got := page1(t, s, all); got != "1 2 3" {
		t.Errorf("first page: %q", got)
	}
	if got := page1(t, s, second); got != "5" {
		t.Errorf("second page: %q", got)
	}
	if got := page1(t, s, api.ListQuery{Q: "Urlaub"}); got != "1" {
		t.Errorf("search: %q", got)
	}
	if p, _, err := s.Page(all); err != nil || p.Value.NextCursor != "c" {
		t.Errorf("next cursor %q, %v", p.Value.NextCursor, err)
	}
}

func TestWhatTheServerNoLongerListsIsDropped(t *testing.T) {
	c, _ := open(t)
	s := c.For(anna)
	second := api.ListQuery{Cursor: "c"}
	savePage(t, s, all, "c", backup(1, api.StatusCompleted, "x"), backup(2, api.StatusCompleted, "x"), backup(3, api.StatusCompleted, "x"))
	savePage(t, s, second, "", backup(4, api.StatusCompleted, "x"), backup(5, api.StatusCompleted, "x"), backup(6, api.StatusCompleted, "x"))
	// 2 has gone from the first page; the second page is not concerned.
	savePage(t, s, all, "c", backup(1, api.StatusCompleted, "x"), backup(3, api.StatusCompleted, "x"))
	if got := search(t, s, all); got != "1 3 4 5 6" {
		t.Errorf("after the first page: %q", got)
	}
	// 5 and 6 have gone from the second, last page; the first is not concerned.
	savePage(t, s, second, "", backup(4, api.StatusCompleted, "x"))
	if got := search(t, s, all); got != "1 3 4" {
		t.Errorf("after the second page: %q", got)
	}
	// A search says nothing about what it does not find.
	savePage(t, s, api.ListQuery{Q: "y"}, "")
	savePage(t, s, api.ListQuery{Status: api.StatusFailed}, "")
	savePage(t, s, api.ListQuery{Module: "none"}, "")
	savePage(t, s, api.ListQuery{Covers: today.AddDays(1)}, "")
	if got := search(t, s, all); got != "1 3 4" {
		t.Errorf("after a search: %q", got)
	}
	savePage(t, s, all, "")
	if got := search(t, s, all); got != "" {
		t.Errorf("after an empty list: %q", got)
	}
}

// A backup that has ended meanwhile leaves the pending ones at the head of the
// list for a later page, which the first page says nothing about.
func TestABackupThatHasEndedMeanwhileIsKeptUntilItsPageLacksIt(t *testing.T) {
	c, _ := open(t)
	s := c.For(anna)
	second := api.ListQuery{Cursor: "c"}
	done := func(n int) api.Backup { return backup(n, api.StatusCompleted, "x") }
	there := func(when, want string) {
		t.Helper()
		if got := search(t, s, all); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	begin := func() {
		savePage(t, s, all, "")
		savePage(t, s, all, "c", backup(5, api.StatusPending, "x"), done(1), done(2))
	}
	begin()
	savePage(t, s, second, "", done(4), done(6))
	there("a later page, while it may be on the first", "5 1 2 4 6")
	savePage(t, s, all, "c", done(1), done(2))
	there("the first page lacks it", "5 1 2 4 6")
	if got := search(t, s, api.ListQuery{Status: api.StatusPending}); got != "" {
		t.Errorf("still among the pending: %q", got)
	}
	savePage(t, s, second, "", done(4), done(5), done(6))
	there("it has completed", "1 2 4 5 6")

	begin()
	savePage(t, s, all, "c", done(1), done(2))
	savePage(t, s, all, "c", done(1), done(2)) // twice says no more than once
	savePage(t, s, second, "", done(4), done(6))
	there("its page lacks it", "1 2 4 6")

	begin()
	savePage(t, s, all, "c", done(1), done(6))
	there("it would stand on the first page either way", "1 6")
}

func TestSearchFollowsTheRuleOfTheServer(t *testing.T) {
	c, _ := open(t)
	s := c.For(anna)
	pending := backup(30, api.StatusPending, "Später")
	oslo := backup(4, api.StatusCompleted, "Oslo 100%_a")
	oslo.Modules = []api.BackupModule{{Key: "staff", Name: "Medarbeidere Ø"}}
	savePage(t, s, all, "", pending, backup(1, api.StatusCompleted, "Müller & Söhne"), backup(2, api.StatusFailed, "Straße"), oslo)
	for _, c := range []struct {
		q    api.ListQuery
		want string
	}{
		{all, "30 1 2 4"}, // pending first, however old
		{api.ListQuery{Q: "MULLER"}, "1"},
		{api.ListQuery{Q: "söh mül"}, "1"}, // every word, in any order, also inside words
		{api.ListQuery{Q: "söhne oslo"}, ""},
		{api.ListQuery{Q: "strasse"}, "2"},
		{api.ListQuery{Q: "rechnung"}, "30 1 2"},
		{api.ListQuery{Q: "o medarb"}, "4"},
		{api.ListQuery{Q: "acme_001.ZIP"}, "1"},
		{api.ListQuery{Q: "2026-02-27"}, "2"},
		{api.ListQuery{Q: "27 february 2026"}, "2"},
		{api.ListQuery{Q: "%"}, "4"}, // not a wildcard
		{api.ListQuery{Q: "_a"}, "4"},
		{api.ListQuery{Status: api.StatusFailed}, "2"},
		{api.ListQuery{Status: api.StatusCompleted, Q: "rechnung"}, "1"},
		{api.ListQuery{Module: "staff"}, "4"},
		{api.ListQuery{Module: "invoices", Status: api.StatusFailed}, "2"},
		{api.ListQuery{Module: "invoices", Covers: today.AddDays(-2)}, "1 2"},
		{api.ListQuery{Covers: today.AddMonths(-24).AddDays(-1)}, ""},
		{api.ListQuery{Q: "nothing like it"}, ""},
		{api.ListQuery{Q: "'; DROP TABLE cache_backups; --"}, ""},
	} {
		if got := search(t, s, c.q); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.q, got, c.want)
		}
	}
	if _, ok, err := s.Search(api.ListQuery{Cursor: "next"}); ok || err != nil {
		t.Errorf("a page never seen: %v, %v", ok, err)
	}
}

func TestSearchTellsHowOldItIs(t *testing.T) {
	c, _ := open(t)
	s := c.For(anna)
	savePage(t, s, all, "", backup(1, api.StatusCompleted, "a"), backup(2, api.StatusCompleted, "b"))
	if err := s.SaveBackup(backup(1, api.StatusCompleted, "a"), t0.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]time.Time{"": t0, "a": t0, "acme_001": t0.Add(time.Hour), "none": t0} {
		p, ok, err := s.Search(api.ListQuery{Q: q})
		if err != nil || !ok || !p.At.Equal(want) {
			t.Errorf("%q: as of %v, want %v (%v, %v)", q, p.At, want, ok, err)
		}
	}
}

func TestTheCopyDoesNotGrowWithEverySearch(t *testing.T) {
	c, db := open(t)
	s := c.For(anna)
	for n := range pagesMax + 20 {
		savePage(t, s, api.ListQuery{Q: fmt.Sprintf("w%d", n)}, "")
	}
	var n int
	if err := db.QueryRow(`SELECT count(*) FROM cache_pages`).Scan(&n); err != nil || n != pagesMax {
		t.Errorf("%d pages, %v", n, err)
	}
	if _, ok, err := s.Page(api.ListQuery{Q: fmt.Sprintf("w%d", pagesMax+19)}); !ok || err != nil {
		t.Errorf("the last one was dropped: %v", err)
	}
}

func TestDamagedRows(t *testing.T) {
	c, db := open(t)
	s := c.For(anna)
	savePage(t, s, all, "", backup(1, api.StatusCompleted, "x"), backup(2, api.StatusCompleted, "x"), backup(3, api.StatusCompleted, "x"))
	if err := s.SaveModules(api.ModuleList{Today: today}, t0); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`UPDATE cache_backups SET body = substr(body, 1, 40) WHERE id = 'bkp_002'`,
		`UPDATE cache_backups SET at = 'yesterday' WHERE id = 'bkp_003'`,
		`UPDATE cache_modules SET body = '[]'`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if got := page1(t, s, all); got != "1" {
		t.Errorf("page: %q", got)
	}
	if got := search(t, s, all); got != "1" {
		t.Errorf("search: %q", got)
	}
	var damaged *DamagedError
	if _, ok, err := s.Backup("bkp_002"); ok || !errors.As(err, &damaged) {
		t.Errorf("backup: %v, %v", ok, err)
	}
	if _, ok, err := s.Modules(); ok || !errors.As(err, &damaged) {
		t.Errorf("modules: %v, %v", ok, err)
	}
	if _, err := db.Exec(`UPDATE cache_pages SET body = '{'`); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Page(all); ok || !errors.As(err, &damaged) {
		t.Errorf("page: %v, %v", ok, err)
	}
	// What the server sends next mends all of it.
	savePage(t, s, all, "", backup(2, api.StatusCompleted, "x"), backup(3, api.StatusCompleted, "x"))
	if got := page1(t, s, all); got != "2 3" {
		t.Errorf("after mending: %q", got)
	}
}

func TestTablesOfAnotherVersionAreMadeAnew(t *testing.T) {
	c, db := open(t)
	savePage(t, c.For(anna), all, "", backup(1, api.StatusCompleted, "x"))
	for _, statement := range []string{
		`UPDATE cache_meta SET version = 99`, `DROP TABLE cache_pages`, `CREATE TABLE cache_pages (other TEXT)`, `CREATE TABLE ledger (mine TEXT)`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Open(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := c.For(anna).Page(all); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	savePage(t, c.For(anna), all, "", backup(1, api.StatusCompleted, "x"))
	if _, err := db.Exec(`INSERT INTO ledger VALUES ('kept')`); err != nil {
		t.Errorf("a table that is not ours: %v", err)
	}
}

func TestAFailingDatabaseIsAnError(t *testing.T) {
	rubbish := filepath.Join(t.TempDir(), "rubbish.db")
	if err := os.WriteFile(rubbish, bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+rubbish)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := Open(db); err == nil {
		t.Error("rubbish was opened")
	}

	c, closed := open(t)
	s := c.For(anna)
	savePage(t, s, all, "", backup(1, api.StatusCompleted, "x"))
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, pageErr := s.Page(all)
	_, _, searchErr := s.Search(all)
	_, _, backupErr := s.Backup("bkp_001")
	_, _, modulesErr := s.Modules()
	for what, err := range map[string]error{
		"page": pageErr, "search": searchErr, "backup": backupErr, "modules": modulesErr,
		"save page": s.SavePage(all, api.BackupPage{}, t0), "save backup": s.SaveBackup(backup(1, api.StatusFailed, "x"), t0),
		"save modules": s.SaveModules(api.ModuleList{}, t0), "forget": s.Forget(),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func TestFromManyGoroutines(t *testing.T) {
	c, _ := open(t)
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			s := c.For(Scope{"s", "o", fmt.Sprint(n % 2)})
			for i := range 10 {
				err := errors.Join(
					s.SavePage(all, api.BackupPage{Items: []api.Backup{backup(i, api.StatusCompleted, "x")}}, t0),
					s.SaveBackup(backup(i+1, api.StatusPending, "y"), t0))
				_, _, searchErr := s.Search(api.ListQuery{Q: "x"})
				if err = errors.Join(err, searchErr); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestRetentionIsKeptAndForgotten(t *testing.T) {
	c, db := open(t)
	s := c.For(anna)
	if _, ok, err := s.Retention(); ok || err != nil {
		t.Errorf("before anything was saved: %v, %v", ok, err)
	}
	want := Retention{
		Report: api.RetentionReport{Today: today, Upcoming: []api.Deletion{{On: today.AddDays(3), Module: "invoices", CoveredBy: []string{}}}},
		Others: []string{"bkp_1"},
	}
	if err := errors.Join(s.SaveRetention(Retention{}, t0), s.SaveRetention(want, t0)); err != nil {
		t.Fatal(err)
	}
	got, ok, err := s.Retention()
	if err != nil || !ok || !got.At.Equal(t0) || !reflect.DeepEqual(got.Value, want) {
		t.Errorf("got %+v, %v, %v", got, ok, err)
	}
	other := anna
	other.User = "ben"
	if _, ok, err := c.For(other).Retention(); ok || err != nil {
		t.Errorf("somebody else: %v, %v", ok, err)
	}
	if _, err := db.Exec(`UPDATE cache_retention SET body = '{'`); err != nil {
		t.Fatal(err)
	}
	var damaged *DamagedError
	if _, ok, err := s.Retention(); ok || !errors.As(err, &damaged) {
		t.Errorf("damaged: %v, %v", ok, err)
	}
	if err := errors.Join(s.SaveRetention(want, t0), s.Forget()); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Retention(); ok || err != nil {
		t.Errorf("after signing out: %v, %v", ok, err)
	}
	var left int
	if err := db.QueryRow(`SELECT COUNT(*) FROM cache_retention`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows are left, %v", left, err)
	}
}
