//go:build android || (!linux && !ios)

package device

// getNative is what the app handed in. A Linux desktop and iOS need nothing of it.
func getNative() Native {
	if n := native.Load(); n != nil {
		return *n
	}
	return Native{}
}
