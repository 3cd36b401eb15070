package app

import (
	"fyne.io/fyne/v2"

	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// askBeforeClose asks when the window is closed while a download is running.
// One that is cut off goes on where it was at the next start. keep lets the app
// go on without its window; nil where the window could not come back.
func askBeforeClose(w fyne.Window, running func() bool, keep func()) {
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
		widgets.Ask(w, closeQuestion(func() { asking = false }, w.Close, keep))
	})
}

func closeQuestion(stay, quit, keep func()) widgets.Question {
	q := widgets.Question{
		Title: lang.L("A download is running"),
		Text:  lang.L("If you quit now, it goes on where it was when you start Connect Backup again."),
		Answers: []widgets.Answer{
			{Label: lang.L("Stay"), Do: stay},
			{Label: lang.L("Pause and quit"), Do: quit},
		},
	}
	if keep != nil {
		q.Text = lang.L("It can go on without the window; the icon in the tray brings the window back. If you quit now, it goes on where it was when you start Connect Backup again.")
		q.Answers = append(q.Answers, widgets.Answer{Label: lang.L("Keep going in the tray"), Strong: true, Do: func() {
			stay()
			keep()
		}})
	}
	return q
}
