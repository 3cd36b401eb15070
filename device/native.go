package device

import (
	"errors"
	"sync/atomic"
)

// ErrUnsupported says that this device cannot do that.
var ErrUnsupported = errors.New("this device cannot do that")

// Native is what only the app's toolkit can do on some systems. The app sets
// it once, before it uses this package; on android it must. On macOS it may set
// Notify, since a bundled app's own notifications are better there. What is nil
// cannot be done.
type Native struct {
	// Storage is the folder that the app may write to.
	Storage string
	Notify  func(title, body string) error
	// Java lends Android's virtual machine and the app's activity, as a global
	// reference, for the time of one call of do; what else Android can do goes
	// by it.
	Java func(do func(vm, ctx uintptr) error) error
	// OpenURL shows a web page; it gets only http and https addresses.
	OpenURL func(address string) error
	// Schedule hands the system what it is to show later by itself, in place of
	// all that it was handed before; also on Windows and macOS.
	Schedule func([]Scheduled) error
}

var native atomic.Pointer[Native]

// SetNative hands in what the toolkit can do.
func SetNative(n Native) { native.Store(&n) }
