//go:build !android

package device

// OpenPlace opens the place at path, a folder, which need not exist.
func OpenPlace(path string) Place { return OpenFolder(path) }

// Metered reports whether the network costs by the byte, as far as the system
// says.
func Metered() bool { return false }
