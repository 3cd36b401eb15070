//go:build android || ios

package device

// HasTray reports whether there is a tray: a phone has none.
func HasTray() bool { return false }

// CalmMotion reports whether the person asked the system for no animations. A
// phone's system slows or leaves out its own; Go cannot ask it.
func CalmMotion() bool { return false }
