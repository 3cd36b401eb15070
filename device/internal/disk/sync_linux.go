//go:build linux

package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// CanSyncAll reports whether SyncAll is there.
const CanSyncAll = true

// SyncAll brings the whole file system of dir to the disk.
func SyncAll(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = unix.Syncfs(int(d.Fd()))
	return errors.Join(os.NewSyscallError("syncfs", err), d.Close())
}
