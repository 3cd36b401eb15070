//go:build !linux

package disk

import "errors"

// CanSyncAll reports whether SyncAll is there.
const CanSyncAll = false

// SyncAll is for systems that can bring a whole file system to the disk.
func SyncAll(string) error { return errors.ErrUnsupported }
