// Package app is the wiring that needs Fyne: it opens the window, leads from
// screen to screen, and hands screens what they need from app/core.
//
// window.go alone imports fyne.io/fyne/v2/app and so needs cgo and a display;
// everything else runs in Fyne's test driver. Navigator, shell and keys belong
// to the UI goroutine. What is slow, opening the core first of all, runs on a
// goroutine of its own and comes back through fyne.Do.
package app
