//go:build !linux || android

package disk

import "errors"

// Exchange swaps two files or folders in one step; errors.ErrUnsupported where
// the system cannot.
func Exchange(string, string) error { return errors.ErrUnsupported }
