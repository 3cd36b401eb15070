//go:build !android && !ios && !headless

package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/systray"
)

// toolkitTray is the tray of Fyne, which leaves the words beside the icon and
// the tap on it to the library below.
type toolkitTray struct {
	app  desktop.App
	menu *fyne.Menu // always the same one: Fyne shows the first one again when the tray has started
}

// newTrayIcon puts the app's icon into the tray; nil where the toolkit has
// none. It must be called before the app runs: later Fyne does nothing.
func newTrayIcon(a fyne.App, tapped func()) trayIcon {
	d, ok := a.(desktop.App)
	if !ok {
		return nil
	}
	systray.SetOnTapped(tapped)
	t := toolkitTray{d, fyne.NewMenu(Name)}
	d.SetSystemTrayMenu(t.menu)
	return t
}

func (t toolkitTray) SetMenu(m *fyne.Menu) {
	t.menu.Items = m.Items
	t.app.SetSystemTrayMenu(t.menu)
}

func (t toolkitTray) SetIcon(i fyne.Resource) { t.app.SetSystemTrayIcon(i) }
func (t toolkitTray) SetTip(words string)     { systray.SetTooltip(words) }
