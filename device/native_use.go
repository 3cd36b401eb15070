//go:build !linux || android

package device

// getNative is what the app handed in. A Linux desktop needs nothing of it.
func getNative() Native {
	if n := native.Load(); n != nil {
		return *n
	}
	return Native{}
}
