//go:build android || ios

package app

import "fyne.io/fyne/v2"

// newTrayIcon is for desktops.
func newTrayIcon(fyne.App, func()) trayIcon { return nil }
