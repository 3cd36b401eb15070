//go:build windows

package disk

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// ErrLocked says that somebody else holds the lock.
var ErrLocked = errors.New("locked")

// OpenShared opens a part so that it can be renamed while it is open.
func OpenShared(p string, create bool) (*os.File, error) {
	if create {
		return openShared(p, windows.OPEN_ALWAYS)
	}
	return openShared(p, windows.OPEN_EXISTING)
}

// CreateShared makes a file that must not be there yet.
func CreateShared(p string) (*os.File, error) { return openShared(p, windows.CREATE_NEW) }

func openShared(p string, how uint32) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(p)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: p, Err: err}
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil, how,
		windows.FILE_ATTRIBUTE_HIDDEN|windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: p, Err: err}
	}
	return os.NewFile(uintptr(h), p), nil
}

// Lock locks a file until CloseLocked. Locks bind here: one byte far
// behind the end is taken, so that reading and writing are not in its way.
func Lock(f *os.File) error {
	far := farAway()
	err := windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &far)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrLocked
	}
	if err != nil {
		return os.NewSyscallError("LockFileEx", err)
	}
	return nil
}

// unlock gives the lock back itself: after closing alone Windows does so when it
// has time.
func unlock(f *os.File) {
	far := farAway()
	_ = windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &far) // closing does it otherwise
}

func farAway() windows.Overlapped {
	return windows.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxInt32}
}

// RenameNew gives a file or folder a name that must be free.
func RenameNew(from, to string) error { return move(from, to, windows.MOVEFILE_WRITE_THROUGH) }

// RenameOver renames a file or an empty folder over another one.
func RenameOver(from, to string) error {
	return move(from, to, windows.MOVEFILE_WRITE_THROUGH|windows.MOVEFILE_REPLACE_EXISTING)
}

// move renames, and tries again while a virus scanner or an indexer has the
// file open.
func move(from, to string, flags uint32) error {
	a, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	b, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	err = whileBusy(func() error { return windows.MoveFileEx(a, b, flags) }, func(err error) bool {
		return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
	})
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// Unhide shows a file that was hidden as a part.
func Unhide(p string) error {
	name, err := windows.UTF16PtrFromString(p)
	if err != nil {
		return &os.PathError{Op: "Unhide", Path: p, Err: err}
	}
	if err := windows.SetFileAttributes(name, windows.FILE_ATTRIBUTE_NORMAL); err != nil {
		return &os.PathError{Op: "Unhide", Path: p, Err: err}
	}
	return nil
}

// SyncDir has nothing to do: NTFS journals names, and the rename was written
// through.
func SyncDir(string) error { return nil }

// Free is how many bytes this user can still write in dir.
func Free(dir string) (int64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, &os.PathError{Op: "free space", Path: dir, Err: err}
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0, &os.PathError{Op: "free space", Path: dir, Err: err}
	}
	return int64(min(free, 1<<62)), nil
}

// IsFull reports whether err says that disk or quota is full.
func IsFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}
