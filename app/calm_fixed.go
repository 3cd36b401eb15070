//go:build darwin || android || ios

package app

import "fyne.io/fyne/v2"

// beCalm does nothing here: Fyne takes its own app's settings for granted when
// the system's theme changes.
func beCalm(fyne.App) {}
