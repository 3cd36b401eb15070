package app

import "fyne.io/fyne/v2"

// come brings the window to the front, and with the ID of a backup shows it
// there: at once, or as soon as there is a first screen. Who is signed out
// stands at the door.
func (f *frame) come(backup string) {
	f.window.Show() // out of the tray
	f.window.RequestFocus()
	f.hidden = false
	switch {
	case !plausible(backup):
	case f.nav == nil:
		f.wanted = backup
	case f.nav.signedIn():
		f.nav.ShowBackup(backup)
	}
}

// The window's size at the first start, and the most that it ever begins
// with: it may have filled a far larger screen than the one that is there now.
const (
	firstWidth  = 1000
	firstHeight = 720
	mostWidth   = 1920
	mostHeight  = 1200
)

// beginSize is the window's size at the start, when it had that one at the
// end. Anything but a size means that none is known.
func beginSize(w, h float32) fyne.Size {
	if !(w > 0) || !(h > 0) { // NaN, too
		return fyne.NewSize(firstWidth, firstHeight)
	}
	return fyne.NewSize(min(max(w, leastWidth), mostWidth), min(max(h, leastHeight), mostHeight))
}
