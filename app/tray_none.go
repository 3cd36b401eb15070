//go:build android || ios || headless

package app

import "fyne.io/fyne/v2"

// newTrayIcon is for desktops with a window.
func newTrayIcon(fyne.App, func()) trayIcon { return nil }
