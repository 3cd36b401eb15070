//go:build !windows

package download

import (
	"errors"
	"syscall"
)

// isFull reports whether err says that a disk or a quota is full.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// isTooBig reports whether err says that no file may have that size.
func isTooBig(err error) bool { return errors.Is(err, syscall.EFBIG) }
