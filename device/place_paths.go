//go:build !android

package device

// OpenPlace opens the place at path, a folder, which need not exist.
func OpenPlace(path string) Place { return OpenFolder(path) }

// CanKeepScreenOn reports whether the app can keep the screen on: a computer's
// screen may sleep while a download goes on.
func CanKeepScreenOn() bool { return false }

// KeepScreenOn is for phones.
func KeepScreenOn(bool) error { return ErrUnsupported }

// Metered reports whether the network costs by the byte, as far as the system
// says.
func Metered() bool { return false }
