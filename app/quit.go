package app

import (
	"fyne.io/fyne/v2"

	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// askBeforeClose asks when the window is closed while a download is running.
// One that is cut off goes on where it was at the next start.
func askBeforeClose(w fyne.Window, running func() bool) {
	asking := false
	w.SetCloseIntercept(func() {
		if asking {
			return
		}
		if !running() {
			w.Close()
			return
		}
		asking = true
		widgets.Ask(w, widgets.Question{
			Title: lang.L("A download is running"),
			Text:  lang.L("If you quit now, it goes on where it was when you start Connect Backup again."),
			Answers: []widgets.Answer{
				{Label: lang.L("Stay"), Do: func() { asking = false }},
				{Label: lang.L("Quit"), Do: w.Close},
			},
		})
	})
}
