package core

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
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

// fillDisk takes all room in dir.
func fillDisk(t *testing.T, dir string) {
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
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheEmbeddedServerStartsOnAFullDisk(t *testing.T) {
	disk := smallDisk(t)
	dir := filepath.Join(disk, "server")
	for range 2 {
		e, err := OpenEmbedded(t.Context(), EmbeddedOptions{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		fillDisk(t, disk)
	}
}

// A database that cannot be opened for want of room is sound.
func TestAFullDiskSetsNoDatabaseAside(t *testing.T) {
	disk := smallDisk(t)
	path := filepath.Join(disk, "app", databaseName)
	db, aside, err := openOrReplace(path, time.Now())
	if err != nil || aside != "" {
		t.Fatalf("%q %v", aside, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	fillDisk(t, disk)
	if _, aside, err := openOrReplace(path, time.Now()); err == nil || aside != "" {
		t.Errorf("aside %q: %v", aside, err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if strings.Contains(e.Name(), "damaged") {
			t.Errorf("%s was made of it", e.Name())
		}
	}
}
