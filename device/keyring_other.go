//go:build windows || (darwin && !ios)

package device

// keyringReady is true: these systems always have a store.
func keyringReady() bool { return true }
