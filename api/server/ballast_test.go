package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"connectbackup/api"
)

// full lets the statement that a trigger stands before meet a full disk for as
// long as there is a ballast, and counts how often that was given up.
func (w *world) full(before string) (dropped *int) {
	w.Helper()
	w.exec("CREATE TRIGGER full BEFORE " + before + " BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END")
	dropped = new(int)
	drop := w.s.dropBallast
	w.s.dropBallast = func(dir string) error {
		if _, err := os.Stat(ballastPath(dir)); err == nil {
			*dropped++
			w.exec("DROP TRIGGER full")
		}
		return drop(dir)
	}
	return dropped
}

func (w *world) exec(query string, args ...any) {
	w.Helper()
	if _, err := w.w.Exec(query, args...); err != nil {
		w.Fatal(err)
	}
}

// ballast is the size of the file that keeps room free, -1 without one.
func (w *world) ballast() int64 {
	w.Helper()
	info, err := os.Stat(ballastPath(w.dir))
	if errors.Is(err, os.ErrNotExist) {
		return -1
	}
	if err != nil {
		w.Fatal(err)
	}
	return info.Size()
}

func TestOnAFullDiskTheReserveIsGivenUpForWhatFreesRoom(t *testing.T) {
	later := noon.Add(24 * time.Hour)
	for name, c := range map[string]struct {
		before string
		expire bool // the file of the backup is over its time
		left   string
	}{
		"a person deletes a file":     {"UPDATE ON backups", false, "SELECT COUNT(*) FROM backups WHERE status = 'completed' AND title = 'Large'"},
		"a file is over its time":     {"UPDATE ON backups", true, "SELECT COUNT(*) FROM backups WHERE status = 'completed' AND title = 'Large'"},
		"records are over their time": {"DELETE ON records", false, fmt.Sprintf("SELECT COUNT(*) FROM records WHERE created_at < %d", millis(noon.AddDate(-2, 0, 0)))},
		"a token is over its time":    {"DELETE ON tokens", false, fmt.Sprintf("SELECT COUNT(*) FROM tokens WHERE expires_at <= %d", millis(later))},
	} {
		w := newWorld(t)
		w.may(api.PermissionCreate, api.PermissionDownload, api.PermissionDelete)
		auth := w.demo()
		b := w.make(auth, request("Large"))
		if got := w.ballast(); got != ballastSize {
			t.Fatalf("a reserve of %d bytes", got)
		}
		if c.expire {
			w.exec("UPDATE backups SET expires_at = ? WHERE public_id = ?", millis(later), b.ID)
		}
		dropped := w.full(c.before)
		if strings.HasPrefix(name, "a person") {
			w.call("DELETE", "/v1/backups/"+b.ID, nil, auth).want(204)
		} else {
			w.sweepAt(later)
		}
		if n := w.count(c.left); n != 0 || *dropped != 1 {
			t.Errorf("%s: %d are left; the reserve was given up %d times", name, n, *dropped)
		}
		if gone := !slices.Contains(w.left("archives"), b.ID+".zip"); gone != (c.before == "UPDATE ON backups") {
			t.Errorf("%s: the file is gone: %v", name, gone)
		}
		if got := w.ballast(); got != ballastSize {
			t.Errorf("%s: the reserve was not made again: %d bytes", name, got)
		}
		w.close()
	}
}

// What takes room does not get the last of it.
func TestTheReserveIsNotForBackups(t *testing.T) {
	w := newWorld(t)
	dropped := w.full("INSERT ON backups")
	w.call("POST", "/v1/backups", request("One more"), w.demo(), newKey()).problem(507, api.CodeInsufficientStorage)
	if *dropped != 0 || w.ballast() != ballastSize {
		t.Errorf("given up %d times", *dropped)
	}
}

func TestTheReserveComesBack(t *testing.T) {
	w := newWorld(t)
	for name, spoil := range map[string]func(path string) error{
		"removed": os.Remove,
		"cut":     func(path string) error { return os.Truncate(path, 100) },
	} {
		if err := spoil(ballastPath(w.dir)); err != nil {
			t.Fatal(err)
		}
		w.sweepAt(w.clock.now().Add(time.Hour))
		if got := w.ballast(); got != ballastSize {
			t.Errorf("%s: %d bytes", name, got)
		}
	}
	head, err := os.ReadFile(ballastPath(w.dir))
	if err != nil || !strings.HasPrefix(string(head), "Connect Backup keeps this file") {
		t.Errorf("nobody is told what it is: %v", err)
	}
}

func TestADatabaseIsOpenedWithTheRoomOfTheReserve(t *testing.T) {
	dir := t.TempDir()
	if err := makeBallast(ballastPath(dir)); err != nil {
		t.Fatal(err)
	}
	full := &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	err := WithRoom(dir, func() error {
		if _, err := os.Stat(ballastPath(dir)); err == nil {
			return full
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := WithRoom(dir, func() error { return full }); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("without a reserve: %v", err)
	}
	if err := makeBallast(ballastPath(dir)); err != nil {
		t.Fatal(err)
	}
	if err := WithRoom(dir, func() error { return os.ErrPermission }); !errors.Is(err, os.ErrPermission) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, ballastName)); err != nil {
		t.Errorf("given up without need: %v", err)
	}
}

func TestNoRoomIsNotADamagedDisk(t *testing.T) {
	for text, full := range map[string]bool{
		"database or disk is full (13)":                     true,
		"disk I/O error (4874)":                             true,
		"disk I/O error (4618)":                             true,
		"disk I/O error: no space left on device":           true,
		"unable to open database file: disk quota exceeded": true,
		"disk I/O error (778)":                              false,
		"disk I/O error: input/output error":                false,
		"database disk image is malformed (11)":             false,
	} {
		err := fmt.Errorf("begin: %w", errors.New(text))
		if isDiskFull(err) != full || isDamagedDisk(err) == full {
			t.Errorf("%s: full %v, damaged %v", text, isDiskFull(err), isDamagedDisk(err))
		}
		f := asFailure(err)
		if (f.code == api.CodeInsufficientStorage) != full || strings.Contains(f.detail, "reports errors") == full {
			t.Errorf("%s: told as %s %q", text, f.code, f.detail)
		}
	}
	if !isDiskFull(&os.PathError{Err: syscall.EDQUOT}) {
		t.Error("a quota that is used up")
	}
}
