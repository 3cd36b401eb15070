package screens

import (
	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/screens/widgets"
)

// Screen is one thing that fills the window, or one side of it.
type Screen interface {
	// Title is shown in the window's title bar.
	Title() string
	// Object is what is drawn. It is always the same object.
	Object() fyne.CanvasObject
	// Shown is called on the UI goroutine each time the screen comes to the
	// front. It starts what keeps the screen up to date.
	Shown()
	// Hidden is called when it is covered or closed. After it nothing that
	// was under way may touch the screen, except by a later Shown.
	Hidden()
}

// Refresher is a screen whose content can be asked for again (F5).
type Refresher interface{ Refresh() }

// Searcher is a screen with a search box (Ctrl+F).
type Searcher interface{ FocusSearch() }

// OnDeviceShower is the list, which can show what is on this device alone.
type (
	OnDeviceShower interface{ ShowOnDevice() }
	// Focuser is a screen that knows best where the keyboard goes on when it has
	// come to the front; others leave that to widgets.FirstFocus.
	Focuser interface {
		FirstFocus() fyne.Focusable // nil: nothing yet
	}
)

// Nav is how a screen leads on to another one. All its methods belong to the
// UI goroutine.
type Nav interface {
	Back()
	// ShowHome begins anew at home; after the same person signed in again it
	// leads back to where they were when the session ended.
	ShowHome()
	// ShowSignIn begins anew; where the session ended by itself it keeps the
	// way, and Back leads to what was seen before.
	ShowSignIn()
	ShowBackups() // on a wide window the list stays on the left
	// ShowOnDevice is ShowBackups with the filter "On this device".
	ShowOnDevice()
	ShowBackup(id string)
	ShowCreate(like *api.NewBackup) // nil: the usual suggestion
	ShowSettings()
	ShowHelp()
	ShowLicences()
	// Remake makes every screen anew and shows the same place: what they say
	// is in another language now.
	Remake()
	// Toast shows a short message at the bottom, above the primary button.
	Toast(widgets.Toast)
	// Window is where dialogs appear.
	Window() fyne.Window
	// Wide reports whether list and details stand side by side: then a screen
	// on the right needs no back button.
	Wide() bool
}
