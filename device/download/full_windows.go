//go:build windows

package download

import (
	"errors"
	"syscall"
)

// The system's ways of saying that a disk or a quota is full.
const (
	errorHandleDiskFull = syscall.Errno(39)
	errorDiskFull       = syscall.Errno(112)
	errorDiskQuota      = syscall.Errno(1295)
	errorFileTooLarge   = syscall.Errno(223)
)

func isFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull) || errors.Is(err, errorDiskQuota)
}

// isTooBig reports whether err says that no file may have that size.
func isTooBig(err error) bool { return errors.Is(err, errorFileTooLarge) }
