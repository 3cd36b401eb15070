// Command emptywindow shows a window with nothing in it: the least that a Fyne
// program can take to its first painted frame.
package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
)

func main() {
	w := app.NewWithID("app.connect.backup.empty").NewWindow("Empty")
	w.Resize(fyne.NewSize(412, 892))
	w.ShowAndRun()
}
