//go:build darwin

package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// RenameNew gives a file or folder a name that must be free.
func RenameNew(from, to string) error {
	err := unix.RenamexNp(from, to, unix.RENAME_EXCL)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		return renameByLink(from, to) // this file system cannot
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
