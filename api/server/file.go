package server

import (
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
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

// noRoom are SQLite's words for a full disk. Some of its "I/O errors" are one,
// too: a file that it could not make as large as it must be. The drivers tell
// those by their extended code, or by what the system said.
var noRoom = []string{
	"database or disk is full",
	"disk I/O error (4618)", // SQLITE_IOERR_SHMOPEN: the helper file of the log, when it is made
	"disk I/O error (4874)", // SQLITE_IOERR_SHMSIZE: when it grows
	"disk I/O error: " + syscall.ENOSPC.Error(),
	"disk I/O error: " + syscall.EDQUOT.Error(),
	"unable to open database file: " + syscall.ENOSPC.Error(),
	"unable to open database file: " + syscall.EDQUOT.Error(),
}

// isDiskFull reports whether err says that there is no room left, or none that
// this user may take, in the words of the system or of SQLite.
func isDiskFull(err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	text := err.Error()
	if slices.ContainsFunc(noRoom, func(words string) bool { return strings.Contains(text, words) }) {
		return true
	}
	var number syscall.Errno
	return runtime.GOOS == "windows" && errors.As(err, &number) &&
		(number == 39 || number == 112 || number == 1295) // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED
}

// isReadOnly reports whether err says that nothing can be written there.
func isReadOnly(err error) bool {
	return err != nil && (errors.Is(err, syscall.EROFS) || strings.Contains(err.Error(), "attempt to write a readonly database"))
}

// isDamagedDisk reports whether err says that the disk, or what is stored on
// it, has a fault; in the words of the system or of SQLite. A full one has none.
func isDamagedDisk(err error) bool {
	return err != nil && !isDiskFull(err) && (errors.Is(err, syscall.EIO) || strings.Contains(err.Error(), "disk I/O error") ||
		strings.Contains(err.Error(), "database disk image is malformed"))
}
