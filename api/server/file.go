package server

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
)

// jobFile is a file that a job writes.
type jobFile interface {
	io.Writer
	Sync() error
	Close() error
}

func createFile(path string) (jobFile, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// syncDir makes a rename last. Windows has no such call for folders; there the
// file system's journal does it.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// isDiskFull reports whether err says that there is no room left, in the
// words of the system or of SQLite.
func isDiskFull(err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "database or disk is full") {
		return true
	}
	var number syscall.Errno
	return runtime.GOOS == "windows" && errors.As(err, &number) &&
		(number == 39 || number == 112) // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
}

// isReadOnly reports whether err says that nothing can be written there.
func isReadOnly(err error) bool {
	return err != nil && (errors.Is(err, syscall.EROFS) || strings.Contains(err.Error(), "attempt to write a readonly database"))
}

// isDamagedDisk reports whether err says that the disk, or what is stored on
// it, has a fault; in the words of the system or of SQLite.
func isDamagedDisk(err error) bool {
	return err != nil && (errors.Is(err, syscall.EIO) || strings.Contains(err.Error(), "disk I/O error") ||
		strings.Contains(err.Error(), "database disk image is malformed"))
}
