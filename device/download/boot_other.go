//go:build !linux && !darwin

package download

// bootID is empty: no call of the standard library tells here whether the
// system was started anew.
func bootID() string { return "" }
