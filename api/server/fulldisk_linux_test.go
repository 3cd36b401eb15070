package server

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"connectbackup/api"
)

// smallDisk is a file system of its own, of 24 MB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("a small file system (tmpfs) cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all room in dir until what it returns is called.
func fill(t *testing.T, dir string) (release func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// worldOn is a world on a copy of the seeded demo in dir, which may delete, and
// which has written its log into the tables, as after a while.
func worldOn(t *testing.T, dir string) *world {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS(seeded)); err != nil {
		t.Fatal(err)
	}
	w := openWorld(t, dir)
	w.may(api.PermissionCreate, api.PermissionDownload, api.PermissionDelete)
	return w
}

func (w *world) folded() {
	w.Helper()
	if _, err := w.w.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		w.Fatal(err)
	}
}

func TestAFullDiskCanBeFreed(t *testing.T) {
	w := worldOn(t, filepath.Join(smallDisk(t), "data"))
	auth := w.demo()
	large := request("Large")
	large.Modules, large.From = nil, large.Till.AddMonths(-24)
	old, deleted, kept := w.make(auth, large), w.make(auth, request("Deleted")), w.make(auth, request("Kept"))
	w.exec("UPDATE backups SET expires_at = ? WHERE public_id = ?", millis(noon.Add(time.Minute)), old.ID)
	w.folded()
	release := fill(t, filepath.Dir(w.dir))
	w.call("POST", "/v1/backups", request("No room"), auth, newKey()).problem(507, api.CodeInsufficientStorage)
	w.call("DELETE", "/v1/backups/"+deleted.ID, nil, auth).want(204)
	w.sweepAt(noon.Add(2 * time.Minute))
	for _, id := range []string{old.ID, deleted.ID} {
		if _, err := os.Stat(w.s.archivePath(id)); !os.IsNotExist(err) {
			t.Errorf("the file is there: %v", err)
		}
	}
	w.call("GET", "/v1/backups/"+kept.ID+"/archive", nil, auth).want(200)
	if w.ballast() != -1 {
		t.Error("the reserve was made again where it takes the last room")
	}
	release()
	w.sweepAt(noon.Add(3 * time.Minute))
	if got := w.ballast(); got != ballastSize {
		t.Errorf("the reserve was not made again: %d bytes", got)
	}
	if b := w.make(auth, request("After")); b.Status != api.StatusCompleted {
		t.Errorf("got %+v", b)
	}
	w.intact()
}

// intact checks the file of the database.
func (w *world) intact() {
	w.Helper()
	var word string
	if err := w.r.QueryRow("PRAGMA integrity_check").Scan(&word); err != nil || word != "ok" {
		w.Errorf("%s: %v", word, err)
	}
}

func TestAServerStartsOnAFullDisk(t *testing.T) {
	w := worldOn(t, filepath.Join(smallDisk(t), "data"))
	b := w.make(w.demo(), request("Forgotten"))
	w.exec("UPDATE backups SET expires_at = ? WHERE public_id = ?", millis(noon.Add(time.Minute)), b.ID)
	auth := w.demo()
	w.close()
	release := fill(t, filepath.Dir(w.dir))
	db, readers, err := openFiles(w.dir)
	if !isDiskFull(err) || asFailure(err).code != api.CodeInsufficientStorage {
		t.Fatalf("the disk is not full, or it is not told: %v", err)
	}
	w.clock.add(2 * time.Minute)
	w.c.Clock = w.clock.now
	if err := WithRoom(w.dir, func() (err error) {
		db, readers, err = openFiles(w.dir)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(readers.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	w.open()
	if _, err := os.Stat(w.s.archivePath(b.ID)); !os.IsNotExist(err) {
		t.Errorf("the file is there: %v", err)
	}
	w.call("GET", "/v1/backups", nil, auth).want(200)
	release()
	w.intact()
}
