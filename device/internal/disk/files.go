package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// NewSuffix marks a file that is to replace another one.
const NewSuffix = ".new"

// CloseLocked gives the lock of a file back, and closes it. A lock that somebody
// else holds stays theirs.
func CloseLocked(f *os.File) error {
	unlock(f)
	return f.Close()
}

// ReplaceFile writes a small file in one step: after a crash there is the old
// one or the new one, never a torn one.
func ReplaceFile(p string, b []byte, mode fs.FileMode) error {
	temp := p + NewSuffix
	if err := WriteSynced(temp, b, mode); err != nil {
		return errors.Join(err, IgnoreMissing(os.Remove(temp)))
	}
	if err := RenameOver(temp, p); err != nil {
		return errors.Join(err, IgnoreMissing(os.Remove(temp)))
	}
	return nil
}

// WriteSynced makes a file anew. What a crash left under that name goes first,
// so that neither its mode nor a link in its place counts.
func WriteSynced(p string, b []byte, mode fs.FileMode) error {
	if err := IgnoreMissing(os.Remove(p)); err != nil {
		return err
	}
	f, err := os.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// IgnoreMissing is err, or nil when it says that there is no such file.
func IgnoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// renameByLink gives a file a new name where the system cannot rename without
// replacing. Where there are no hard links either (FAT), it looks first; what
// is left is the moment between looking and renaming.
func renameByLink(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	return renameAfterLook(from, to)
}

func renameAfterLook(from, to string) error {
	_, err := os.Lstat(to)
	if err == nil {
		return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(from, to)
}

const (
	busyTries = 21                     // in all
	busyPause = 100 * time.Millisecond // between them
)

// whileBusy does something again, for two seconds, as long as it fails because
// another program has the file open.
func whileBusy(do func() error, busy func(error) bool) error {
	for try := 1; ; try++ {
		err := do()
		if err == nil || !busy(err) || try == busyTries {
			return err
		}
		<-time.After(busyPause)
	}
}

// MakePrivate makes a folder that only this user can enter.
func MakePrivate(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Chmod(dir, 0o700)
}
