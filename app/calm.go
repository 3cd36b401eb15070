package app

import "fyne.io/fyne/v2"

// calmApp is the app for somebody who asked the system for no animations:
// Fyne's own widgets look there. Fyne itself only knows a setting of its own.
type calmApp struct{ fyne.App }

func (a calmApp) Settings() fyne.Settings { return calmSettings{a.App.Settings()} }

type calmSettings struct{ fyne.Settings }

func (calmSettings) ShowAnimations() bool { return false }
