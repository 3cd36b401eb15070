package core

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSettingsSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	s, err := openSettings(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.change(func(v *settingsValues) { v.Theme = "dark"; v.Told = map[string]bool{"first": true} }); err != nil {
		t.Fatal(err)
	}
	again, err := openSettings(dir)
	if err != nil {
		t.Fatal(err)
	}
	if v := again.get(); v.Theme != "dark" || !v.Told["first"] {
		t.Errorf("after a restart: %+v", v)
	}
}

func TestDamagedSettingsAreSetAsideNotLost(t *testing.T) {
	for name, content := range map[string]string{
		"torn":    `{"theme":"da`,
		"garbage": "\x00\xff\x13",
		"huge":    `{"theme":"` + strings.Repeat("x", settingsMax) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, settingsFile)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := openSettings(dir)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.get().Theme; got != "" {
				t.Errorf("a value was taken from damaged settings: %q", got)
			}
			kept, err := os.ReadFile(path + ".damaged")
			if err != nil || string(kept) != content {
				t.Errorf("the damaged file was not kept: %v", err)
			}
			if err := s.change(func(v *settingsValues) { v.Theme = "light" }); err != nil {
				t.Errorf("settings cannot be written afterwards: %v", err)
			}
		})
	}
}

func TestSettingsThatCannotBeWrittenStayAsTheyWere(t *testing.T) {
	dir := t.TempDir()
	s, err := openSettings(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.path = filepath.Join(dir, "no such folder", settingsFile)
	if err := s.change(func(v *settingsValues) { v.Theme = "dark" }); err == nil {
		t.Fatal("no error")
	}
	if got := s.get().Theme; got != "" {
		t.Errorf("the value changed in memory only: %q", got)
	}
}

// Whatever stands in the file, the app gets a value that it can use, and keeps
// none that it cannot.
func TestSettingsOfABrokenFileAreChecked(t *testing.T) {
	w := newWorld(t)
	paths := PathsIn(w.root, w.downloads)
	for text, want := range map[string][]any{
		`{"language":"de","theme":"dark","window":{"w":400,"h":800}}`: {"de", "dark", float32(400), float32(800)},
		`{"language":"tlh","theme":"pink","window":{"w":-1,"h":1e9}}`: {"", "", float32(0), float32(0)},
		`{"window":{"w":400}}`: {"", "", float32(0), float32(0)},
		`{"window":null}`:      {"", "", float32(0), float32(0)},
		`{"window":"wide"}`:    {"", "", float32(0), float32(0)},
	} {
		write(t, filepath.Join(paths.Config, settingsFile), []byte(text))
		if w, h := LastWindowSize(paths); w != want[2] || h != want[3] {
			t.Errorf("%s: before the app is open the window was %v by %v, want %v", text, w, h, want[2:])
		}
		c := w.start()
		p := c.Settings()
		width, height := p.WindowSize()
		if got := []any{p.Language(), p.Theme(), width, height}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	c := w.start()
	p := c.Settings()
	for what, err := range map[string]error{
		"language": p.SetLanguage("tlh"), "theme": p.SetTheme("pink"), "height": p.SetWindowSize(400, 0),
		"width": p.SetWindowSize(float32(math.NaN()), 400),
	} {
		if !errors.Is(err, errSetting) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := errors.Join(p.SetLanguage("fr"), p.SetTheme("light"), p.SetWindowSize(360, 640)); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if width, height := LastWindowSize(paths); width != 360 || height != 640 {
		t.Errorf("at the next start the window was %v by %v", width, height)
	}
	p = w.start().Settings()
	if width, height := p.WindowSize(); p.Language() != "fr" || p.Theme() != "light" || width != 360 || height != 640 {
		t.Errorf("after a restart: %q %q %v %v", p.Language(), p.Theme(), width, height)
	}
	if err := errors.Join(p.SetLanguage(""), p.SetTheme("")); err != nil || p.Language() != "" {
		t.Errorf("as the system again: %q, %v", p.Language(), err)
	}
}

func TestLogDoesNotGrowWithoutEnd(t *testing.T) {
	dir := t.TempDir()
	l, log, err := openLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 * logMax / 1000 {
		log.Info(strings.Repeat("x", 1000))
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if len(entries) != 2 || total > 2*logMax {
		t.Errorf("%d files of %d bytes in all", len(entries), total)
	}
}

func TestADamagedDatabaseIsSetAsideAndTheAppGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app #1?.db") // characters that mean something in a URI
	garbage := []byte(strings.Repeat("not a database ", 1000))
	if err := os.WriteFile(path, garbage, 0o600); err != nil {
		t.Fatal(err)
	}
	db, aside, err := openOrReplace(path, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(aside); err != nil || string(kept) != string(garbage) {
		t.Errorf("the damaged database was not kept: %q %v", aside, err)
	}
	if _, err := db.write.Exec("CREATE TABLE t (x); INSERT INTO t VALUES (7)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.read.Exec("DELETE FROM t"); err == nil {
		t.Error("a reader could write")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db, aside, err = openOrReplace(path, time.Now())
	if err != nil || aside != "" {
		t.Fatalf("the good database was not opened again: %q %v", aside, err)
	}
	var x int
	if err := db.read.QueryRow("SELECT x FROM t").Scan(&x); err != nil || x != 7 {
		t.Errorf("x = %d, %v", x, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database can be read by others: %v %v", info.Mode(), err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// Commands work beside the window on the same database. What one begins to
// write, the other waits for; and a database that is in use is not damaged.
func TestADatabaseThatAnotherHoldsIsWaitedForAndNeverSetAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), databaseName)
	db, err := openDatabase(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	tx, err := db.write.Begin() // and has not written yet
	if err != nil {
		t.Fatal(err)
	}
	hasty, err := open(sqliteDSN(path, [][2]string{{"busy_timeout", "0"}}, "immediate"), path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = hasty.Begin()
	if !isBusy(err) || replaceable(err) {
		t.Errorf("got %v: busy %v, to be replaced %v", err, isBusy(err), replaceable(err))
	}
	if err := errors.Join(hasty.Close(), tx.Rollback()); err != nil {
		t.Fatal(err)
	}
	for err, want := range map[error]bool{os.ErrPermission: false, errors.New("file is not a database"): true} {
		if replaceable(fmt.Errorf("open it: %w", err)) != want {
			t.Errorf("%v: to be replaced is %v", err, !want)
		}
	}
}
