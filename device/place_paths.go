//go:build !android && !ios

package device

import "connectbackup/device/download"

// OpenPlace opens the place at path, a folder, which need not exist.
func OpenPlace(path string) Place { return OpenFolder(path) }

// KeepReading keeps the right to read a file that the person picked: what can be
// read here can be read again.
func KeepReading(download.Location) error { return nil }

// CanKeepScreenOn reports whether the app can keep the screen on: a computer's
// screen may sleep while a download goes on.
func CanKeepScreenOn() bool { return false }

// KeepScreenOn is for phones.
func KeepScreenOn(bool) error { return ErrUnsupported }

// Metered reports whether the network costs by the byte, as far as the system
// says.
func Metered() bool { return false }
