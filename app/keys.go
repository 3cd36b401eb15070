package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/mobile"
)

// listenToKeys makes the keys that work on every screen: Esc and Android's
// back key go back, F5 refreshes, Ctrl+F searches, Ctrl+N begins a backup, and
// the arrows scroll, as do Page Up, Page Down, Home and End. While a dialog is
// open, the dialog has the keys (widgets.Modal).
func listenToKeys(c fyne.Canvas, n *Navigator) {
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if c.Overlays().Top() != nil {
			return // a menu or a dialog of the toolkit's own
		}
		switch e.Name {
		case fyne.KeyEscape:
			n.back()
		case mobile.KeyBack:
			if n.back() {
				return
			}
			if d, ok := fyne.CurrentApp().Driver().(mobile.Driver); ok {
				d.GoBack() // at the beginning of the way: out of the app
			}
		case fyne.KeyF5:
			n.Refresh()
		default:
			n.scroll(e.Name)
		}
	})
	for key, do := range map[fyne.KeyName]func(){
		fyne.KeyF: n.Search,
		fyne.KeyN: n.New,
		fyne.KeyR: n.Refresh,
	} {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) {
			if c.Overlays().Top() == nil {
				do()
			}
		})
	}
}
