//go:build !ios

package device

// OnChosen is for iOS. Elsewhere a notification's own OnAction is called, or the
// system opens its file.
func OnChosen(func(id string)) {}
